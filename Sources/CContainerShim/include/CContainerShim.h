// The process between Ingot and a container: it starts the container's process, writes its log, reports its end, and leaves
// nothing running when Ingot or the container ends.
#ifndef INGOT_CCONTAINERSHIM_H
#define INGOT_CCONTAINERSHIM_H

#include <stdbool.h>
#include <sys/types.h>

// Serves one container and returns the exit status for main. argv: the executable, "container-shim", and the process ID of
// the process that started it. Descriptor 3 is a stream socket to that process.
//
// Descriptor 4 is a file in memory with the request, which holds secrets and so is not among the arguments: fields
// "name=value", each ended by a NUL:
//   arg        one argument of the command; the first names the executable, looked for on the PATH among `env`
//   env        one environment variable, NAME=VALUE
//   directory  the working directory
//   log        the log file; its folder exists
//   log-bytes  the size in bytes at which the log is rotated
//   log-files  how many log files are kept, the current one included
//   memory     the limit of the anonymous memory of all processes in bytes, 0 for none
//   files      the limit of open files of each process, 0 for the inherited one
// Over the socket come lines "stop MILLISECONDS": SIGTERM now, SIGKILL that much later.
// The answers are lines: "started PID" or "failed STAGE ERRNO", and after the former "exited code CODE", "exited signal NUMBER"
// or "exited memory BYTES" once no process is left and the log is whole.
int ingot_container_shim(int argc, char **argv);

// A descriptor that is readable once the process has ended (pidfd_open(2)), or -1 with errno.
int ingot_process_descriptor(pid_t process);

// Starts `path` as a shim with this socket and request, in a session of its own, with no environment and with no signal
// blocked or ignored. Returns its process ID, or the negated errno.
pid_t ingot_spawn_container_shim(const char *path, int socket, const void *request, size_t count);

// Whether a process is writing to the log file: its shim holds a lock on it.
bool ingot_log_is_being_written(int log);

#endif
