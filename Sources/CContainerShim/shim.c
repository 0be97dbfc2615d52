#if defined(__linux__)
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CContainerShim.h"

enum { CONTROL = 3, REQUEST = 4, MEMORY_INTERVAL_MILLISECONDS = 100 };

struct shim {
    struct request request;
    struct log log;
    struct log_stream streams[2];
    int pipes[2];
    int signals;
    int parent;
    pid_t child;
    bool child_ended;
    int child_status;
    bool must_die;
    uint64_t memory_exceeded;
    int64_t deadline;
    int64_t next_memory_check;
    char command[64];
    size_t command_length;
};

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...) {
    char line[128];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (length > 0 && length < (int)sizeof line) {
        send(CONTROL, line, (size_t)length, MSG_NOSIGNAL);
    }
}

static void take_command(struct shim *shim) {
    long long grace;
    if (sscanf(shim->command, "stop %lld", &grace) != 1 || grace < 0) {
        return;
    }
    int64_t deadline = milliseconds() + grace;
    if (grace == 0) {
        shim->must_die = true;
    } else if (shim->deadline == 0) {
        kill(shim->child, SIGTERM);
    }
    // A second request may shorten the grace period; it does not lengthen it.
    if (shim->deadline == 0 || deadline < shim->deadline) {
        shim->deadline = deadline;
    }
}

static void read_commands(struct shim *shim) {
    char bytes[256];
    ssize_t count = recv(CONTROL, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (count <= 0) {
        shim->must_die = true;
        return;
    }
    for (ssize_t index = 0; index < count; index++) {
        if (bytes[index] == '\n') {
            shim->command[shim->command_length] = '\0';
            take_command(shim);
            shim->command_length = 0;
        } else if (shim->command_length + 1 < sizeof shim->command) {
            shim->command[shim->command_length++] = bytes[index];
        }
    }
}

// Reads once from a stream of output. False when nothing is there now; at its end the pipe is closed.
static bool read_output(struct shim *shim, int stream) {
    char bytes[65536];
    ssize_t count = read(shim->pipes[stream], bytes, sizeof bytes);
    if (count > 0) {
        log_append(&shim->log, &shim->streams[stream], bytes, (size_t)count);
        return true;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(shim->pipes[stream]);
        shim->pipes[stream] = -1;
    }
    return false;
}

static void reap(struct shim *shim) {
    struct signalfd_siginfo signals[8];
    while (read(shim->signals, signals, sizeof signals) > 0) {
        for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
            shim->must_die |= signals[index].ssi_signo == SIGTERM;
        }
        memset(signals, 0, sizeof signals);
    }
    int status;
    for (pid_t process; (process = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (process == shim->child) {
            shim->child_ended = true;
            shim->child_status = status;
        }
    }
}

static void check_memory(struct shim *shim, int64_t now) {
    if (shim->request.memory == 0 || now < shim->next_memory_check) {
        return;
    }
    uint64_t used = descendants_memory();
    if (used > shim->request.memory) {
        shim->memory_exceeded = used;
        shim->must_die = true;
    }
    shim->next_memory_check = milliseconds() + MEMORY_INTERVAL_MILLISECONDS;
}

static int patience(const struct shim *shim, int64_t now) {
    int64_t until = shim->deadline;
    if (shim->request.memory > 0 && (until == 0 || shim->next_memory_check < until)) {
        until = shim->next_memory_check;
    }
    if (until == 0) {
        return -1;
    }
    int64_t left = until - now;
    return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static void serve(struct shim *shim) {
    while (!shim->child_ended && !shim->must_die) {
        struct pollfd watched[] = {
            {.fd = CONTROL, .events = POLLIN},        {.fd = shim->signals, .events = POLLIN},
            {.fd = shim->parent, .events = POLLIN},   {.fd = shim->pipes[0], .events = POLLIN},
            {.fd = shim->pipes[1], .events = POLLIN},
        };
        if (poll(watched, sizeof watched / sizeof *watched, patience(shim, milliseconds())) < 0 && errno != EINTR) {
            shim->must_die = true;
        }
        if (watched[0].revents) {
            read_commands(shim);
        }
        if (watched[1].revents) {
            reap(shim);
        }
        shim->must_die |= watched[2].revents != 0;
        for (int stream = 0; stream < 2; stream++) {
            if (watched[3 + stream].revents) {
                read_output(shim, stream);
            }
        }
        int64_t now = milliseconds();
        shim->must_die |= shim->deadline != 0 && now >= shim->deadline;
        check_memory(shim, now);
    }
}

static void finish(struct shim *shim) {
    descendants_kill(shim->child, &shim->child_ended, &shim->child_status);
    for (int stream = 0; stream < 2; stream++) {
        while (shim->pipes[stream] >= 0 && read_output(shim, stream)) {
        }
        log_end(&shim->log, &shim->streams[stream]);
    }
    log_close(&shim->log);
    if (shim->memory_exceeded > 0) {
        report("exited memory %llu\n", (unsigned long long)shim->memory_exceeded);
    } else if (WIFSIGNALED(shim->child_status)) {
        report("exited signal %d\n", WTERMSIG(shim->child_status));
    } else {
        report("exited code %d\n", WEXITSTATUS(shim->child_status));
    }
}

static int fail(struct failure failure) {
    static const char *const names[] = {"log", "fork", "limits", "directory", "exec"};
    report("failed %s %d\n", names[failure.stage], failure.error);
    return 1;
}

static bool watch_signals(struct shim *shim) {
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_SETMASK, &watched, NULL);
    shim->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    return shim->signals >= 0;
}

int ingot_container_shim(int argc, char **argv) {
    static struct shim shim = {
        .streams = {{.name = "stdout"}, {.name = "stderr"}},
        .log = {.descriptor = -1},
    };
    if (argc < 3 || fcntl(CONTROL, F_SETFD, FD_CLOEXEC) != 0) {
        fputs("container-shim is for ingot's own use\n", stderr);
        return 64;
    }
    close_range(REQUEST + 1, ~0U, 0);
    // Ingot's standard streams are not the container's business, and a reader of them must not wait for the shim.
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int standard = 0; null >= 0 && standard <= 2; standard++) {
        dup2(null, standard);
    }
    prctl(PR_SET_NAME, "container-shim");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // The parent's end closes the socket, unless a process that it forked holds a copy; this tells it in any case.
    // PR_SET_PDEATHSIG would not: it speaks for the thread that spawned the shim, and Dispatch's threads come and go.
    pid_t parent = (pid_t)strtol(argv[2], NULL, 10);
    shim.parent = ingot_process_descriptor(parent);
    if (getppid() != parent || !request_read(REQUEST, &shim.request)) {
        return 1;
    }
    struct failure failure = {STAGE_FORK, 0};
    int output[2], errors[2];
    if (!watch_signals(&shim) || pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) {
        failure.error = errno;
        return fail(failure);
    }
    shim.log.path = shim.request.log_path;
    shim.log.limit = shim.request.log_bytes;
    shim.log.files = shim.request.log_files;
    if (!log_open(&shim.log)) {
        return fail((struct failure){STAGE_LOG, errno});
    }
    shim.child = launch(&shim.request, output[1], errors[1], &failure);
    close(output[1]);
    close(errors[1]);
    if (shim.child < 0) {
        return fail(failure);
    }
    shim.pipes[0] = output[0];
    shim.pipes[1] = errors[0];
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    fcntl(errors[0], F_SETFL, O_NONBLOCK);
    shim.next_memory_check = milliseconds();
    report("started %d\n", (int)shim.child);
    serve(&shim);
    finish(&shim);
    return 0;
}
#endif
