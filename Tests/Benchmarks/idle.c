// Opens keep-alive connections, makes one request on each and leaves them open until standard input ends.
//
// Usage: idle PORT PATH CONNECTIONS        Prints a line when all connections stand.

#define _GNU_SOURCE
#include "client.h"

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: idle PORT PATH CONNECTIONS\n");
        return 64;
    }
    int port = atoi(arguments[1]);
    int connections = atoi(arguments[3]);
    raise_descriptor_limit();
    char request[512];
    int size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", arguments[2], port);

    for (int index = 0; index < connections; index++) {
        int descriptor = connect_to(port);
        if (write(descriptor, request, size) != size) fail("write");
        char response[65536];
        size_t received = 0;
        do {
            ssize_t more = read(descriptor, response + received, sizeof response - 1 - received);
            if (more <= 0) fail("read");
            received += more;
            response[received] = 0;
        } while (response_length(response, received) == 0);
    }
    printf("%d connections\n", connections);
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {}
}
