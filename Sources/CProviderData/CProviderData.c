#include "CProviderData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char providers[] = {
#embed "providers.json"
};

struct ingot_provider_bytes ingot_provider_data(void) {
    return (struct ingot_provider_bytes){providers, sizeof(providers)};
}
