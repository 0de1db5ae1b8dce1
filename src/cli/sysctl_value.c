/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/sysctl_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 4096

static bool
path_of(const char *root, const struct la_knob_info *knob, char ret_path[PATH_SIZE])
{
        int length = snprintf(ret_path, PATH_SIZE, "%s/%s", root, knob->name);

        if (length < 0 || length >= PATH_SIZE)
                return false;
        for (char *p = ret_path + strlen(root); *p != '\0'; p++)
                if (*p == '.')
                        *p = '/';
        return true;
}

int
sysctl_value_read(const char *root, const struct la_knob_info *knob, char **ret_value)
{
        char path[PATH_SIZE];
        char *line = NULL;
        size_t size = 0;
        FILE *file;

        if (!path_of(root, knob, path))
                return -ENAMETOOLONG;
        file = fopen(path, "re");
        if (!file)
                return -errno;
        errno = 0;
        ssize_t length = getline(&line, &size, file);
        int error = length < 0 && ferror(file) ? errno : 0;
        fclose(file);
        if (error != 0) {
                free(line);
                return -error;
        }
        if (length < 0) { /* an empty file is an empty value */
                free(line);
                line = strdup("");
                if (!line)
                        return -ENOMEM;
        }
        line[strcspn(line, "\n")] = '\0';
        for (char *p = line; *p != '\0'; p++)
                if (*p == '\t')
                        *p = ' ';
        *ret_value = line;
        return 0;
}

bool
sysctl_value_same(const char *a, const char *b)
{
        for (;;) {
                a += strspn(a, " \t");
                b += strspn(b, " \t");
                size_t length = strcspn(a, " \t");
                if (length != strcspn(b, " \t") || strncmp(a, b, length) != 0)
                        return false;
                if (length == 0)
                        return true;
                a += length;
                b += length;
        }
}

bool
sysctl_value_sane(const struct la_knob_info *knob, const char *value)
{
        if (knob->kind == LA_KNOB_WORD)
                return true;
        while (*value != '\0') {
                if (!isdigit((unsigned char)*value) && !(*value == '-' && knob->kind != LA_KNOB_PORT_LIST)) {
                        value++;
                        continue;
                }
                char *end;
                long long number = strtoll(value, &end, 10);
                if (end == value)
                        return false;
                if (number < knob->min || number > knob->max)
                        return false;
                value = end;
        }
        return true;
}
