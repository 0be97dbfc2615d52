#ifndef INGOT_CMODELCATALOGDATA_H
#define INGOT_CMODELCATALOGDATA_H

#include <stddef.h>

// Some bytes in the executable, where they need no file beside it.
struct ingot_catalog_bytes {
    const unsigned char *start;
    size_t count;
};

// The models of the catalogue: a JSON array in the order in which they are listed.
struct ingot_catalog_bytes ingot_catalog_models(void);

#endif
