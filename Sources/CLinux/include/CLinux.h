// What Glibc's Swift module leaves out: epoll, eventfd and variadic or macro-only calls.
#ifndef INGOT_CLINUX_H
#define INGOT_CLINUX_H

#if defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#endif

#endif
