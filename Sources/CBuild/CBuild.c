#include "CBuild.h"

const char *ingot_build_commit(void) { return INGOT_GIT_COMMIT; }
