// Sends requests at a fixed rate and tells how long the answers took.
//
// Each request has a time at which it should be sent, and its latency counts from then on, also when every connection was
// busy: a server that pauses is charged for all the requests that came due in the pause.
//
// Usage: pace PORT PATH CONNECTIONS RATE SECONDS        Prints one line of JSON; times in microseconds.

#define _GNU_SOURCE
#include "client.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

struct connection {
    int descriptor;
    long long due;
    size_t received;
    // Room for the longest answer that is asked for; what is not used is never touched.
    char bytes[1 << 20];
};

static char request[512];
static int request_size;
static long long *latencies;
static long answered;

static int ascending(const void *left, const void *right) {
    long long first = *(const long long *)left, second = *(const long long *)right;
    return (first > second) - (first < second);
}

static double microseconds_at(double share) {
    long index = (long)(share * (answered - 1) + 0.5);
    return latencies[index] / 1000.0;
}

static void send_on(struct connection *connection, long long due) {
    connection->due = due;
    connection->received = 0;
    if (write(connection->descriptor, request, request_size) != request_size) fail("write");
}

/// Reads what has come; whether the answer is complete.
static int receive_on(struct connection *connection) {
    ssize_t more = read(connection->descriptor, connection->bytes + connection->received,
                        sizeof connection->bytes - 1 - connection->received);
    if (more <= 0) {
        fprintf(stderr, "the server closed a connection\n");
        exit(1);
    }
    connection->received += more;
    connection->bytes[connection->received] = 0;
    return response_length(connection->bytes, connection->received) > 0;
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: pace PORT PATH CONNECTIONS RATE SECONDS\n");
        return 64;
    }
    int port = atoi(arguments[1]);
    int connections = atoi(arguments[3]);
    double rate = atof(arguments[4]);
    long total = (long)(rate * atof(arguments[5]));
    // The first tenth warms up and is not counted.
    long warming = total / 10;
    if (connections < 1 || total - warming < 1) return 64;
    raise_descriptor_limit();
    prctl(PR_SET_TIMERSLACK, 1);
    request_size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", arguments[2], port);
    latencies = calloc(total, sizeof *latencies);
    struct connection *all = calloc(connections, sizeof *all);
    struct connection **idle = calloc(connections, sizeof *idle);
    if (latencies == NULL || all == NULL || idle == NULL) fail("calloc");

    int poller = epoll_create1(0);
    // A ring, so that all connections take turns.
    long freed = 0, taken = 0;
    for (int index = 0; index < connections; index++) {
        struct connection *connection = &all[index];
        connection->descriptor = connect_to(port);
        fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
        struct epoll_event interest = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->descriptor, &interest) != 0) fail("epoll_ctl");
        idle[freed++ % connections] = connection;
    }

    double gap = 1e9 / rate;
    long long start = nanoseconds_now() + 1000000;
    long sent = 0, completed = 0;
    struct epoll_event events[256];
    while (completed < total) {
        long long now = nanoseconds_now();
        while (sent < total && taken < freed && start + (long long)(sent * gap) <= now) {
            send_on(idle[taken++ % connections], start + (long long)(sent * gap));
            sent++;
        }
        long long wait = sent < total && taken < freed ? start + (long long)(sent * gap) - now : 1000000000LL;
        if (wait < 0) wait = 0;
        struct timespec timeout = {.tv_sec = wait / 1000000000LL, .tv_nsec = wait % 1000000000LL};
        int ready = epoll_pwait2(poller, events, 256, &timeout, NULL);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (!receive_on(connection)) continue;
            if (completed++ >= warming) latencies[answered++] = nanoseconds_now() - connection->due;
            idle[freed++ % connections] = connection;
        }
    }
    double elapsed = (nanoseconds_now() - start) / 1e9;
    qsort(latencies, answered, sizeof *latencies, ascending);
    printf("{\"requests\": %ld, \"rate\": %.1f, \"median\": %.1f, \"p99\": %.1f, \"longest\": %.1f}\n", answered,
           total / elapsed, microseconds_at(0.5), microseconds_at(0.99), microseconds_at(1));
}
