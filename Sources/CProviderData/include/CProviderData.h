#ifndef INGOT_CPROVIDERDATA_H
#define INGOT_CPROVIDERDATA_H

#include <stddef.h>

// Some bytes in the executable, where they need no file beside it.
struct ingot_provider_bytes {
    const unsigned char *start;
    size_t count;
};

// What can be installed: a JSON object with the runtimes' providers in the order in which they are listed, and the GPU operator.
struct ingot_provider_bytes ingot_provider_data(void);

#endif
