// What Glibc's Swift module leaves out: epoll, eventfd, socket filters and pipes that a program does not inherit.
#ifndef INGOT_CLINUX_H
#define INGOT_CLINUX_H

#if defined(__linux__)
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// accept4(2), which Glibc declares only for _GNU_SOURCE. The new socket is non-blocking and closed on exec.
int ingot_accept(int listener, struct sockaddr *address, socklen_t *length);

// pipe2(2), which Glibc declares only for _GNU_SOURCE. Both ends are closed on exec.
int ingot_pipe(int ends[2]);
#endif

#endif
