/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "lwip_library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIBRARY "liblwip.so.0"
#define HELPER  "lwip_helped.so"

/* Where the loader found it; NULL for nowhere. */
static const char *
library_path(void)
{
        static void *first;
        struct link_map *map;

        if (!first)
                first = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
        if (!first || dlinfo(first, RTLD_DI_LINKMAP, &map) != 0)
                return NULL;
        return map->l_name;
}

/* A file in memory with the same bytes; -1 if that cannot be. */
static int
copy_of(const char *path)
{
        int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create(LIBRARY, MFD_CLOEXEC);
        struct stat file;

        if (from >= 0 && to >= 0 && fstat(from, &file) == 0 &&
            sendfile(to, from, NULL, (size_t)file.st_size) == file.st_size) {
                close(from);
                return to;
        }
        if (from >= 0)
                close(from);
        if (to >= 0)
                close(to);
        return -1;
}

static const char *
find_all(struct lwip_library *l, void *instance)
{
#define FIND(name)                                             \
        l->name = (__typeof__(l->name))dlsym(instance, #name); \
        if (!l->name)                                          \
                return "it has no " #name;
        LWIP_FUNCTIONS(FIND)
        LWIP_VARIABLES(FIND)
#undef FIND
        return NULL;
}

/* Puts the module that lies beside this program before every library that is loaded from now on. */
static const char *
load_helper(void)
{
        char name[4096 + sizeof HELPER];
        ssize_t n = readlink("/proc/self/exe", name, 4096);

        while (n > 0 && name[n - 1] != '/')
                n--;
        if (n <= 0)
                return "this program does not know where it lies";
        memcpy(name + n, HELPER, sizeof HELPER);
        return dlopen(name, RTLD_NOW | RTLD_GLOBAL) ? NULL : dlerror();
}

static const char *
help_or_not(bool helped)
{
        static bool all_helped;

        if (all_helped)
                return helped ? NULL : "from the first that is helped on, all are";
        all_helped = helped;
        return helped ? load_helper() : NULL;
}

/* The copy's descriptor stays open: the loader knows libraries by name, and a number used again would be the same. */
static const char *
load(struct lwip_library *l)
{
        const char *path = library_path();
        int copy = path ? copy_of(path) : -1;
        char name[64];
        void *instance;

        if (copy < 0)
                return "there is no " LIBRARY;
        snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
        instance = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        return instance ? find_all(l, instance) : dlerror();
}

struct lwip_library *
lwip_library_new(bool helped, const char **ret_why)
{
        struct lwip_library *l = calloc(1, sizeof *l);

        *ret_why = l ? help_or_not(helped) : "not enough memory";
        if (!*ret_why)
                *ret_why = load(l);
        if (*ret_why) {
                free(l);
                return NULL;
        }
        l->lwip_init();
        return l;
}
