#if defined(__linux__)
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

// Runs between fork and exec, where other threads' locks may be held: only async-signal-safe functions.
static void become_container(const struct request *request, pid_t shim, int output, int errors, int report) {
    struct failure failure = {STAGE_LIMITS, 0};
    setsid();
    // A shim that is killed itself takes the container's process along. The shim's main thread, which is meant here, does
    // not end before the shim does.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != shim) {
        _exit(1);
    }
    // Without privileges gained by set-user-ID files there is no descendant that the shim may not kill.
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    // Short of memory, the kernel ends a container before it ends Ingot.
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0) {
        ssize_t ignored = write(score, "900", 3);
        (void)ignored;
        close(score);
    }
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) {
        goto failed;
    }
    struct rlimit core = {0, 0};
    setrlimit(RLIMIT_CORE, &core);
    if (request->open_files > 0) {
        struct rlimit files = {request->open_files, request->open_files};
        if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
            goto failed;
        }
    }
    if (request->directory && chdir(request->directory) != 0) {
        failure.stage = STAGE_DIRECTORY;
        goto failed;
    }
    umask(022);
    struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        sigaction(number, &normal, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    // execvpe's search takes PATH from environ.
    environ = request->environment;
    execvp(request->arguments[0], request->arguments);
    failure.stage = STAGE_EXEC;
failed:
    failure.error = errno;
    ssize_t ignored = write(report, &failure, sizeof failure);
    (void)ignored;
    _exit(127);
}

pid_t launch(const struct request *request, int output, int errors, struct failure *failure) {
    failure->stage = STAGE_FORK;
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) {
        failure->error = errno;
        return -1;
    }
    pid_t shim = getpid();
    pid_t child = fork();
    if (child == 0) {
        become_container(request, shim, output, errors, report[1]);
    }
    int error = errno;
    close(report[1]);
    if (child < 0) {
        failure->error = error;
    } else {
        // Nothing arrives when the exec succeeds, since it closes the pipe.
        ssize_t count;
        do {
            count = read(report[0], failure, sizeof *failure);
        } while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof *failure) {
            child = -1;
        }
    }
    close(report[0]);
    return child;
}
#endif
