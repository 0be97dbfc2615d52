#include "CCapacityData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char gpus[] = {
#embed "gpus.json"
};

static const unsigned char engine_architectures[] = {
#embed "engine-architectures.json"
};

struct ingot_capacity_bytes ingot_gpu_products(void) { return (struct ingot_capacity_bytes){gpus, sizeof(gpus)}; }

struct ingot_capacity_bytes ingot_engine_architectures(void) {
    return (struct ingot_capacity_bytes){engine_architectures, sizeof(engine_architectures)};
}
