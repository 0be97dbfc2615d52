#ifndef INGOT_CBUILD_H
#define INGOT_CBUILD_H

// The commit that the program was built from, or "unknown". It stands in a target of its own, so that a new commit makes
// this one file be compiled anew and no other.
const char *ingot_build_commit(void);

#endif
