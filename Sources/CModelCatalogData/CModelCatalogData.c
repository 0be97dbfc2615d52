#include "CModelCatalogData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char models[] = {
#embed "models.json"
};

struct ingot_catalog_bytes ingot_catalog_models(void) { return (struct ingot_catalog_bytes){models, sizeof(models)}; }
