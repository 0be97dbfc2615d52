#ifndef INGOT_CCAPACITYDATA_H
#define INGOT_CCAPACITYDATA_H

#include <stddef.h>

// Some bytes in the executable, where they need no file beside it.
struct ingot_capacity_bytes {
    const unsigned char *start;
    size_t count;
};

// The accelerators that are known: a JSON array, the most common of a name first.
struct ingot_capacity_bytes ingot_gpu_products(void);

// Which model architectures each version of an inference engine runs: JSON.
struct ingot_capacity_bytes ingot_engine_architectures(void);

#endif
