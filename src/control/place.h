/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * place.h - where sockets of running stacks lie: directories, names, addresses.
 */
#ifndef LASTACK_CONTROL_PLACE_H
#define LASTACK_CONTROL_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The directories that may be, the best first, from the environment and who we are. */
#define PLACE_DIRECTORIES_MAX 3

struct place_directories {
        char path[PLACE_DIRECTORIES_MAX][PATH_MAX];
        size_t count;
};

struct place_directories place_directories(void);

/* A name of a stack: see control.h. */
bool place_name_is_valid(const char *name);

/* Makes a directory that only we may use, or finds that it is one.  Returns a descriptor of it, -EPERM if it is
 * somebody else's, -ENOTDIR if it is none, or another negative errno. */
int place_directory_open(const char *path);

/* The address of NAME.sock in a directory.  Returns 0 or -ENAMETOOLONG. */
int place_address(const char *directory, const char *name, struct sockaddr_un *ret_address);

#endif
