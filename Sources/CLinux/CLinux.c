#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <unistd.h>
#endif
#include "CLinux.h"

#if defined(__linux__)
int ingot_accept(int listener, struct sockaddr *address, socklen_t *length) {
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int ingot_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}
#endif
