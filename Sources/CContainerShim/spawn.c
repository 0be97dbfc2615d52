#if defined(__linux__)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CContainerShim.h"

int ingot_process_descriptor(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

// A file in memory with these bytes, to be read from its start, or -1 with errno. Its number is none that the shim has.
static int file_of(const char *bytes, size_t count) {
    int file = memfd_create("container", MFD_CLOEXEC);
    int moved = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 5);
    if (file >= 0) {
        close(file);
    }
    for (size_t written = 0; moved >= 0 && written < count;) {
        ssize_t result = pwrite(moved, bytes + written, count - written, (off_t)written);
        if (result < 0) {
            int error = errno;
            close(moved);
            errno = error;
            return -1;
        }
        written += (size_t)result;
    }
    return moved;
}

static int spawn(const char *path, int socket, int request, pid_t *shim) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    error = posix_spawn_file_actions_adddup2(&actions, socket, 3);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, request, 4);
    }

    char parent[16];
    snprintf(parent, sizeof parent, "%d", (int)getpid());
    char *const arguments[] = {"ingot", "container-shim", parent, NULL};
    char *const environment[] = {NULL};
    if (error == 0) {
        error = posix_spawn(shim, path, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

pid_t ingot_spawn_container_shim(const char *path, int socket, const void *request, size_t count) {
    int file = file_of(request, count);
    int high_socket = file < 0 ? -1 : fcntl(socket, F_DUPFD_CLOEXEC, 5);
    pid_t shim = -1;
    int error = high_socket < 0 ? errno : spawn(path, high_socket, file, &shim);
    if (file >= 0) {
        close(file);
    }
    if (high_socket >= 0) {
        close(high_socket);
    }
    return error == 0 ? shim : -error;
}
#endif
