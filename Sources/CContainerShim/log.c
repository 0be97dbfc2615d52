#if defined(__linux__)
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "CContainerShim.h"

// Opens a file and locks it for as long as the log is written: by the lock a reader knows that more may come, and the kernel
// lifts it when this process ends in whatever way.
static int open_locked(const char *path, int flags) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0640);
    if (descriptor < 0) {
        return -1;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

bool log_open(struct log *log) {
    log->descriptor = open_locked(log->path, 0);
    struct stat status;
    if (log->descriptor < 0 || fstat(log->descriptor, &status) != 0) {
        return false;
    }
    log->size = (uint64_t)status.st_size;
    return true;
}

// Moves LOG to LOG.1, LOG.1 to LOG.2 and so on, and goes on in a new file. The old one stays in use when there can be none.
static void rotate(struct log *log) {
    char from[PATH_MAX], to[PATH_MAX], fresh[PATH_MAX];
    if (snprintf(fresh, sizeof fresh, "%s.new", log->path) >= (int)sizeof fresh) {
        return;
    }
    int descriptor = open_locked(fresh, O_TRUNC);
    if (descriptor < 0) {
        return;
    }
    for (unsigned number = log->files; number-- > 1;) {
        snprintf(to, sizeof to, "%s.%u", log->path, number);
        if (number == 1) {
            snprintf(from, sizeof from, "%s", log->path);
        } else {
            snprintf(from, sizeof from, "%s.%u", log->path, number - 1);
        }
        rename(from, to);
    }
    // The new file is in place before the old one is closed: a reader that sees the end of the old one finds the new one.
    if (rename(fresh, log->path) != 0) {
        close(descriptor);
        return;
    }
    close(log->descriptor);
    log->descriptor = descriptor;
    log->size = 0;
}

static void write_all(struct log *log, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(log->descriptor, bytes, count);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            // With a full disk the output is lost, as the container must not wait for space.
            return;
        }
        log->size += (uint64_t)written;
        bytes += written;
        count -= (size_t)written;
    }
}

static void write_line(struct log *log, struct log_stream *stream, char tag) {
    struct timespec now;
    struct tm date;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    char line[LONGEST_LOG_LINE + 64];
    int head = snprintf(line, 64, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s %c ", date.tm_year + 1900, date.tm_mon + 1,
                        date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec, now.tv_nsec, stream->name, tag);
    if (head <= 0 || head >= 63) {
        return;
    }
    size_t count = (size_t)head;
    memcpy(line + count, stream->line, stream->length);
    count += stream->length;
    line[count++] = '\n';
    stream->length = 0;
    if (log->size > 0 && log->size + count > log->limit) {
        rotate(log);
    }
    write_all(log, line, count);
}

void log_append(struct log *log, struct log_stream *stream, const char *bytes, size_t count) {
    while (count > 0) {
        const char *newline = memchr(bytes, '\n', count);
        size_t length = newline ? (size_t)(newline - bytes) : count;
        size_t room = LONGEST_LOG_LINE - stream->length;
        if (length > room) {
            memcpy(stream->line + stream->length, bytes, room);
            stream->length += room;
            write_line(log, stream, 'P');
            bytes += room;
            count -= room;
            continue;
        }
        memcpy(stream->line + stream->length, bytes, length);
        stream->length += length;
        bytes += length;
        count -= length;
        if (newline) {
            write_line(log, stream, 'F');
            bytes++;
            count--;
        }
    }
}

void log_end(struct log *log, struct log_stream *stream) {
    if (stream->length > 0) {
        write_line(log, stream, 'F');
    }
}

void log_close(struct log *log) {
    if (log->descriptor >= 0) {
        close(log->descriptor);
        log->descriptor = -1;
    }
}

bool ingot_log_is_being_written(int log) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return fcntl(log, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}
#endif
