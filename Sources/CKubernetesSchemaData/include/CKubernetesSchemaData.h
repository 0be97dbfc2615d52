#ifndef INGOT_CKUBERNETESSCHEMADATA_H
#define INGOT_CKUBERNETESSCHEMADATA_H

#include <stddef.h>

// Some bytes in the executable.
struct ingot_bytes {
    const unsigned char *start;
    size_t count;
};

// The fields of Kubernetes' built-in types: JSON, an OpenAPI schema per type. The bytes lie in the executable, since a file
// beside it would make it two files to install.
struct ingot_bytes ingot_kubernetes_types(void);

// What the types' schemas do not say: descriptions, allowed values and defaults. JSON.
struct ingot_bytes ingot_kubernetes_notes(void);

// The field numbers by which the types travel as protobuf. JSON.
struct ingot_bytes ingot_kubernetes_protobuf(void);

#endif
