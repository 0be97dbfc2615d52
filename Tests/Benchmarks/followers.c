// Follows server-sent events on many connections and tells how long after they happened changes arrived.
//
// A change bears the time at which it happened, microseconds of the monotonic clock, as the number of a pod's restarts. The first
// connection asks from the beginning; the others begin at the newest event's id that it heard of, so that not each of them is told
// of everything first.
//
// Usage: followers PORT PATH CONNECTIONS SECONDS        Prints one line of JSON; times in microseconds.

#define _GNU_SOURCE
#include "client.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>

enum { ROOM = 64 * 1024, MOST = 20 * 1000 * 1000 };

struct follower {
    int descriptor;
    size_t kept;
    // The newest change that it has heard of. What bears no later time tells of an earlier one again.
    long long newest;
    char bytes[ROOM];
};

static const char mark[] = "\"restarts\":";
static float *delays;
static long arrived;

static int ascending(const void *left, const void *right) {
    float first = *(const float *)left, second = *(const float *)right;
    return (first > second) - (first < second);
}

static double microseconds_at(double share) {
    return delays[(long)(share * (arrived - 1) + 0.5)];
}

static int follow(int port, const char *path, const char *last) {
    char request[512];
    int size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s%s%s\r\n", path, port,
                        *last ? "Last-Event-ID: " : "", last, *last ? "\r\n" : "");
    int descriptor = connect_to(port);
    if (write(descriptor, request, size) != size) fail("write");
    return descriptor;
}

/// Reads up to the end of the snapshot and notes its id.
static void find_position(int descriptor, char *id, size_t room) {
    char *bytes = malloc(ROOM + 1);
    if (bytes == NULL) fail("malloc");
    size_t kept = 0;
    *id = 0;
    for (;;) {
        ssize_t more = read(descriptor, bytes + kept, ROOM - kept);
        if (more <= 0) fail("read");
        kept += more;
        bytes[kept] = 0;
        if (!*id) {
            char *found = strstr(bytes, "\nid: ");
            if (found == NULL || strchr(found + 1, '\n') == NULL) continue;
            snprintf(id, room, "%.*s", (int)strcspn(found + 5, "\r\n"), found + 5);
        }
        if (strstr(bytes, "]}\n\n") != NULL) break;
        size_t rest = kept < 3 ? kept : 3;
        memmove(bytes, bytes + kept - rest, rest);
        kept = rest;
    }
    free(bytes);
}

/// Reads what has come and notes the changes in it.
static void receive(struct follower *follower, int counts) {
    ssize_t more = read(follower->descriptor, follower->bytes + follower->kept, ROOM - 1 - follower->kept);
    if (more < 0 && errno == EAGAIN) return;
    if (more <= 0) {
        fprintf(stderr, "the server closed a connection\n");
        exit(1);
    }
    long long now = nanoseconds_now() / 1000;
    char *end = follower->bytes + follower->kept + more, *rest = follower->bytes, *found;
    while ((found = memmem(rest, end - rest, mark, sizeof mark - 1)) != NULL) {
        char *digits = found + sizeof mark - 1, *stop = digits;
        while (stop < end && *stop >= '0' && *stop <= '9') stop++;
        // The number may go on with what is yet to come.
        if (stop == end) break;
        long long sent = strtoll(digits, NULL, 10);
        if (sent > follower->newest) {
            follower->newest = sent;
            if (counts && arrived < MOST) delays[arrived++] = now - sent;
        }
        rest = stop;
    }
    if (found == NULL && end - rest > (long)sizeof mark) rest = end - sizeof mark;
    if (found != NULL) rest = found;
    follower->kept = end - rest;
    memmove(follower->bytes, rest, follower->kept);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: followers PORT PATH CONNECTIONS SECONDS\n");
        return 64;
    }
    int port = atoi(arguments[1]), connections = atoi(arguments[3]);
    double seconds = atof(arguments[4]);
    if (connections < 1) return 64;
    raise_descriptor_limit();
    struct follower *all = calloc(connections, sizeof *all);
    delays = malloc(MOST * sizeof *delays);
    if (all == NULL || delays == NULL) fail("calloc");
    int poller = epoll_create1(0);
    char id[256] = "";
    long long start = nanoseconds_now();
    for (int index = 0; index < connections; index++) {
        struct follower *follower = &all[index];
        follower->descriptor = follow(port, arguments[2], id);
        if (index == 0) find_position(follower->descriptor, id, sizeof id);
        follower->newest = start / 1000;
        fcntl(follower->descriptor, F_SETFL, O_NONBLOCK);
        struct epoll_event interest = {.events = EPOLLIN, .data.ptr = follower};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, follower->descriptor, &interest) != 0) fail("epoll_ctl");
    }
    // A second in which all catch up is not counted.
    long long begin = nanoseconds_now() + 1000000000LL, end = begin + (long long)(seconds * 1e9), now;
    struct epoll_event events[256];
    while ((now = nanoseconds_now()) < end) {
        int ready = epoll_wait(poller, events, 256, (int)((end - now) / 1000000) + 1);
        for (int index = 0; index < ready; index++) receive(events[index].data.ptr, nanoseconds_now() >= begin);
    }
    if (arrived == 0) {
        fprintf(stderr, "no change has arrived\n");
        return 1;
    }
    qsort(delays, arrived, sizeof *delays, ascending);
    printf("{\"connections\": %d, \"changes\": %ld, \"rate\": %.1f, \"median\": %.1f, \"p99\": %.1f, \"longest\": %.1f}\n",
           connections, arrived, arrived / seconds, microseconds_at(0.5), microseconds_at(0.99), microseconds_at(1));
}
