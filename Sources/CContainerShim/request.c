#if defined(__linux__)
#define _GNU_SOURCE
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Beyond what exec takes (ARG_MAX is 2 MiB by default), so a longer request is a mistake.
enum { LONGEST_REQUEST = 16 << 20 };

static bool read_all(int file, char *next, size_t count) {
    while (count > 0) {
        ssize_t got = read(file, next, count);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        next += got;
        count -= (size_t)got;
    }
    return true;
}

// The value when the field has this name, or NULL.
static char *value_of(char *field, const char *name) {
    size_t length = strlen(name);
    return strncmp(field, name, length) == 0 && field[length] == '=' ? field + length + 1 : NULL;
}

static bool take_field(struct request *request, char *field, size_t *arguments, size_t *variables) {
    char *value;
    if ((value = value_of(field, "arg"))) {
        request->arguments[(*arguments)++] = value;
    } else if ((value = value_of(field, "env"))) {
        request->environment[(*variables)++] = value;
    } else if ((value = value_of(field, "directory"))) {
        request->directory = value;
    } else if ((value = value_of(field, "log"))) {
        request->log_path = value;
    } else if ((value = value_of(field, "log-bytes"))) {
        request->log_bytes = strtoull(value, NULL, 10);
    } else if ((value = value_of(field, "log-files"))) {
        request->log_files = (unsigned)strtoul(value, NULL, 10);
    } else if ((value = value_of(field, "memory"))) {
        request->memory = strtoull(value, NULL, 10);
    } else if ((value = value_of(field, "files"))) {
        request->open_files = strtoull(value, NULL, 10);
    } else {
        return false;
    }
    return true;
}

bool request_read(int file, struct request *request) {
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size <= 0 || status.st_size > LONGEST_REQUEST) {
        return false;
    }
    size_t length = (size_t)status.st_size;
    char *text = malloc(length);
    bool is_read = text && read_all(file, text, length);
    close(file);
    if (!is_read || text[length - 1] != '\0') {
        return false;
    }
    size_t fields = 0;
    for (size_t index = 0; index < length; index++) {
        fields += text[index] == '\0';
    }
    // All but the values of both lists are NULL, which ends them.
    request->arguments = calloc(fields + 1, sizeof *request->arguments);
    request->environment = calloc(fields + 1, sizeof *request->environment);
    if (!request->arguments || !request->environment) {
        return false;
    }
    size_t arguments = 0, variables = 0;
    for (char *field = text; field < text + length; field += strlen(field) + 1) {
        if (!take_field(request, field, &arguments, &variables)) {
            return false;
        }
    }
    return arguments > 0 && request->log_path && request->log_bytes > 0 && request->log_files > 0;
}
#endif
