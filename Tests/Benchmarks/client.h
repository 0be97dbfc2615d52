// What the load generators share: connecting to a port of this machine, and finding the end of a response.

#ifndef INGOT_BENCHMARK_CLIENT_H
#define INGOT_BENCHMARK_CLIENT_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline long long nanoseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int connect_to(int port) {
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0) fail("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static inline void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("setrlimit");
}

/// The length of the first response in `bytes`, which end with NUL; 0 when more bytes are needed. Ends the program when it is
/// not a 200 with a Content-Length.
static inline size_t response_length(const char *bytes, size_t count) {
    const char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (strncmp(bytes, "HTTP/1.1 200 ", 13) != 0) {
        fprintf(stderr, "unexpected response: %.*s\n", (int)strcspn(bytes, "\r\n"), bytes);
        exit(1);
    }
    const char name[] = "\r\nContent-Length:";
    for (const char *line = bytes; line < end; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line, name, sizeof name - 1) == 0) {
            size_t length = (end + 4 - bytes) + strtoul(line + sizeof name - 1, NULL, 10);
            return length <= count ? length : 0;
        }
    }
    fprintf(stderr, "a response without Content-Length\n");
    exit(1);
}

#endif
