// What the parts of the shim share.
#ifndef INGOT_SHIM_H
#define INGOT_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What the container is to be. The strings live as long as the process.
struct request {
    char **arguments;
    char **environment;
    const char *directory;
    const char *log_path;
    uint64_t log_bytes;
    unsigned log_files;
    uint64_t memory;
    uint64_t open_files;
};

// Reads the request from a file and closes it. False when the file holds none.
bool request_read(int file, struct request *request);

// The stage at which a start failed; its name is in the report.
enum stage { STAGE_LOG, STAGE_FORK, STAGE_LIMITS, STAGE_DIRECTORY, STAGE_EXEC };
struct failure {
    enum stage stage;
    int error;
};

// Starts the container's process with these ends of pipes as its output. Its ID, or -1 with the failure.
pid_t launch(const struct request *request, int output, int errors, struct failure *failure);

// The bytes of one output stream that do not make a line yet.
enum { LONGEST_LOG_LINE = 16384 };
struct log_stream {
    const char *name;
    size_t length;
    char line[LONGEST_LOG_LINE];
};

// The log file: lines "TIME STREAM TAG CONTENT" as the Container Runtime Interface has them, tag F or, for a part of a line
// that is longer than LONGEST_LOG_LINE, P.
struct log {
    const char *path;
    uint64_t limit;
    unsigned files;
    int descriptor;
    uint64_t size;
};
bool log_open(struct log *log);
void log_append(struct log *log, struct log_stream *stream, const char *bytes, size_t count);
void log_end(struct log *log, struct log_stream *stream);
void log_close(struct log *log);

// The anonymous memory, swapped out or not, of all descendants in bytes.
uint64_t descendants_memory(void);
// Kills all descendants and reaps them; none is left afterwards. The wait status of `child` is kept, if it was not known.
void descendants_kill(pid_t child, bool *ended, int *status);

#endif
