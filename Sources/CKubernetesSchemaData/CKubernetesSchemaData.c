#include "CKubernetesSchemaData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char types[] = {
#embed "types.json"
};

static const unsigned char notes[] = {
#embed "notes.json"
};

static const unsigned char protobuf[] = {
#embed "protobuf.json"
};

struct ingot_bytes ingot_kubernetes_types(void) { return (struct ingot_bytes){types, sizeof(types)}; }

struct ingot_bytes ingot_kubernetes_notes(void) { return (struct ingot_bytes){notes, sizeof(notes)}; }

struct ingot_bytes ingot_kubernetes_protobuf(void) { return (struct ingot_bytes){protobuf, sizeof(protobuf)}; }
