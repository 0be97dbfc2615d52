// The floor that an HTTP server is measured against: it does the system calls that serving needs and nothing else.
//
// Every thread has a listening socket and an epoll of its own and answers whatever it reads with the same bytes. It does
// not look at what it reads, so it is fit for clients only that send one small request at a time.
//
// Usage: floor [THREADS]        Listens on a free port, which the line on standard output names.

#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char response[] =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "Content-Length: 59\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "\r\n"
    "{\"status\":\"healthy\",\"timestamp\":\"2026-01-01T00:00:00.000Z\"}";

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void set(int descriptor, int level, int option) {
    int on = 1;
    if (setsockopt(descriptor, level, option, &on, sizeof on) != 0) fail("setsockopt");
}

static void watch(int poller, int descriptor) {
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &interest) != 0) fail("epoll_ctl");
}

/// Listens on `*port`, or on a free one, which is put there.
static int listener_on(in_port_t *port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0) fail("socket");
    set(listener, SOL_SOCKET, SO_REUSEADDR);
    set(listener, SOL_SOCKET, SO_REUSEPORT);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = *port};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
    *port = address.sin_port;
    return listener;
}

static void accept_all(int listener, int poller) {
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (client < 0) return;
        set(client, IPPROTO_TCP, TCP_NODELAY);
        watch(poller, client);
    }
}

static void *serve(void *argument) {
    int listener = (int)(long)argument;
    int poller = epoll_create1(0);
    if (poller < 0) fail("epoll_create1");
    watch(poller, listener);
    struct epoll_event events[512];
    char request[16384];
    for (;;) {
        int count = epoll_wait(poller, events, 512, -1);
        for (int index = 0; index < count; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == listener) {
                accept_all(listener, poller);
                continue;
            }
            if (read(descriptor, request, sizeof request) <= 0 ||
                write(descriptor, response, sizeof response - 1) < 0) {
                close(descriptor);
            }
        }
    }
    return NULL;
}

int main(int count, char **arguments) {
    long threads = count > 1 ? strtol(arguments[1], NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    in_port_t port = 0;
    int first = listener_on(&port);
    for (long index = 1; index < threads; index++) {
        pthread_t thread;
        int listener = listener_on(&port);
        if (pthread_create(&thread, NULL, serve, (void *)(long)listener) != 0) fail("pthread_create");
    }
    printf("floor listening on http://127.0.0.1:%d\n", ntohs(port));
    fflush(stdout);
    serve((void *)(long)first);
}
