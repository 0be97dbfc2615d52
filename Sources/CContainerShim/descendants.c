#if defined(__linux__)
#define _GNU_SOURCE
#include "shim.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// How deep a process tree is followed. Deeper processes become children of the shim, a subreaper, as those above them end.
enum { DEEPEST = 64 };

typedef void (*visitor)(pid_t process, void *context);

// Calls `visit` for all descendants of the process, children first seen before theirs. The kernel may leave out some while
// others end (proc_pid_children(5)), so one pass is no proof that there are none.
static void visit_descendants(pid_t process, int depth, visitor visit, void *context) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *tasks = opendir(path);
    if (!tasks) {
        return;
    }
    for (struct dirent *task; (task = readdir(tasks));) {
        if (!isdigit((unsigned char)task->d_name[0])) {
            continue;
        }
        char children_path[128];
        snprintf(children_path, sizeof children_path, "%s/%.20s/children", path, task->d_name);
        FILE *children = fopen(children_path, "re");
        if (!children) {
            continue;
        }
        for (int child; fscanf(children, "%d", &child) == 1;) {
            visit(child, context);
            if (depth < DEEPEST) {
                visit_descendants(child, depth + 1, visit, context);
            }
        }
        fclose(children);
    }
    closedir(tasks);
}

static void add_memory(pid_t process, void *context) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    FILE *status = fopen(path, "re");
    if (!status) {
        return;
    }
    while (fgets(line, sizeof line, status)) {
        // Pages of files, such as a model that is mapped, are not counted: the kernel takes them back when memory is short.
        unsigned long long kibibytes;
        if (sscanf(line, "RssAnon: %llu", &kibibytes) == 1 || sscanf(line, "VmSwap: %llu", &kibibytes) == 1) {
            *(uint64_t *)context += (uint64_t)kibibytes * 1024;
        }
    }
    fclose(status);
}

uint64_t descendants_memory(void) {
    uint64_t sum = 0;
    visit_descendants(getpid(), 0, add_memory, &sum);
    return sum;
}

static void kill_process(pid_t process, void *context) {
    (void)context;
    kill(process, SIGKILL);
}

void descendants_kill(pid_t child, bool *ended, int *status) {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    for (;;) {
        visit_descendants(getpid(), 0, kill_process, NULL);
        for (;;) {
            int result;
            pid_t process = waitpid(-1, &result, WNOHANG);
            if (process < 0 && errno == ECHILD) {
                return;
            }
            if (process <= 0) {
                break;
            }
            if (process == child && !*ended) {
                *ended = true;
                *status = result;
            }
        }
        // The processes that the last pass missed, or that were started meanwhile, are found by the next one.
        struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
        sigtimedwait(&child_ended, NULL, &pause);
    }
}
#endif
