/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lastack/snapshot.h"

static const char kept[] = "/run/netns";

/* ---- One namespace ---- */

/* Any file can be named; only one of nsfs is a namespace, and before Linux 4.11 nobody tells of which kind. */
static bool
is_netns(int fd)
{
        struct statfs filesystem;
        int kind = ioctl(fd, NS_GET_NSTYPE);

        if (kind >= 0)
                return kind == CLONE_NEWNET;
        return fstatfs(fd, &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC;
}

/* A namespace that is left empty is found all the same.  O_NONBLOCK: a pipe of this name must not make us wait. */
static int
open_path(const char *path)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0)
                return -errno;
        if (!is_netns(fd)) {
                close(fd);
                return -EINVAL;
        }
        return fd;
}

static int
open_kept(const char *name)
{
        char path[PATH_MAX];

        if ((size_t)snprintf(path, sizeof(path), "%s/%s", kept, name) >= sizeof(path))
                return -ENOENT;
        return open_path(path);
}

static int
open_process(unsigned long pid)
{
        char path[64];

        snprintf(path, sizeof(path), "/proc/%lu/ns/net", pid);
        return open_path(path);
}

/* The number that "PID" or "PID:COMM" begins with; 0 if it does not. */
static unsigned long
pid_in(const char *word)
{
        char *end;
        unsigned long pid;

        if (!isdigit((unsigned char)word[0]))
                return 0;
        pid = strtoul(word, &end, 10);
        return (*end == '\0' || *end == ':') && pid <= INT_MAX ? pid : 0;
}

static int
open_which(const char *which)
{
        int fd;

        if (strchr(which, '/'))
                return open_path(which);
        if (which[0] == '\0' || strcmp(which, ".") == 0 || strcmp(which, "..") == 0)
                return -ENOENT;
        fd = open_kept(which);
        if (fd == -ENOENT && pid_in(which) != 0)
                return open_process(pid_in(which));
        return fd;
}

/* ---- A list of them ---- */

/* Room for one more, all zero; NULL if there is none. */
static struct netns *
append(struct netns_list *list)
{
        struct netns *grown = realloc(list->netns, (list->count + 1) * sizeof(*grown));

        if (!grown)
                return NULL;
        list->netns = grown;
        memset(&grown[list->count], 0, sizeof(*grown));
        return &grown[list->count++];
}

/* NULL if it is not listed. */
static struct netns *
find(const struct netns_list *list, uint32_t inode)
{
        for (size_t i = 0; i < list->count; i++)
                if (list->netns[i].inode == inode)
                        return &list->netns[i];
        return NULL;
}

static bool
may_enter(int fd, int *ret_error)
{
        struct netns_visit visit;
        int r = netns_enter(fd, &visit);

        if (r == 0)
                r = netns_leave(&visit);
        *ret_error = r;
        return r == 0;
}

/* Processes choose their names: one must not write control sequences on a terminal, nor break JSON. */
static void
set_name(struct netns *netns, const char *name)
{
        snprintf(netns->name, sizeof(netns->name), "%s", name);
        for (char *p = netns->name; *p; p++)
                if (*p < ' ' || *p > '~')
                        *p = '?';
}

/* Takes over `fd`, unless an error is returned. */
static int
add(struct netns_list *list, int fd, uint32_t inode, const char *name)
{
        struct netns *netns = append(list);

        if (!netns)
                return -ENOMEM;
        netns->fd = fd;
        netns->inode = inode;
        set_name(netns, name);
        return 0;
}

static int
add_one(struct netns_list *list, const char *which)
{
        int r, fd = open_which(which);
        uint32_t inode = 0;

        if (fd < 0)
                return fd;
        if (may_enter(fd, &r) && (r = netns_inode(fd, &inode)) == 0)
                r = add(list, fd, inode, which);
        if (r < 0)
                close(fd);
        return r;
}

/* ---- All of them ---- */

enum { REFUSED = -1 }; /* in place of a descriptor, until the list is complete: known of, but not to be entered */

/* Lists a namespace that was not listed yet, or names one that has no name yet. */
static int
add_found(struct netns_list *list, const char *path, uint32_t inode, const char *name)
{
        struct netns *listed = find(list, inode);
        int fd, r;

        if (listed) {
                if (listed->name[0] == '\0')
                        set_name(listed, name);
                return 0;
        }
        fd = open_path(path);
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
                return fd;
        if (fd < 0) /* gone meanwhile, or no namespace */
                return 0;
        if (!may_enter(fd, &r)) {
                close(fd);
                fd = REFUSED;
        }
        r = add(list, fd, inode, name);
        if (r < 0 && fd >= 0)
                close(fd);
        return r;
}

static int
add_kept(struct netns_list *list)
{
        DIR *directory = opendir(kept);
        const struct dirent *entry;
        int r = 0;

        if (!directory)
                return 0; /* `ip netns` was never used here */
        while (r == 0 && (entry = readdir(directory))) {
                char path[PATH_MAX];
                struct stat status;

                if (entry->d_name[0] == '.')
                        continue;
                snprintf(path, sizeof(path), "%s/%s", kept, entry->d_name);
                if (stat(path, &status) == 0)
                        r = add_found(list, path, (uint32_t)status.st_ino, entry->d_name);
        }
        closedir(directory);
        return r;
}

/* "PID:COMM"; "PID:" if the process is gone. */
static void
name_of_process(const char *pid, char ret_name[NETNS_NAME_SIZE])
{
        char path[PATH_MAX], comm[LA_NAME_SIZE] = "";
        int fd;

        snprintf(path, sizeof(path), "/proc/%s/comm", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
                ssize_t size = read(fd, comm, sizeof(comm) - 1);

                comm[size > 0 ? size : 0] = '\0';
                comm[strcspn(comm, "\n")] = '\0';
                close(fd);
        }
        snprintf(ret_name, NETNS_NAME_SIZE, "%s:%s", pid, comm);
}

static int
add_of_process(struct netns_list *list, const char *pid)
{
        char path[PATH_MAX], name[NETNS_NAME_SIZE];
        const struct netns *listed;
        struct stat status;

        snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
        if (stat(path, &status) < 0) {
                if (errno == EACCES || errno == EPERM)
                        list->hidden++;
                return 0;
        }
        listed = find(list, (uint32_t)status.st_ino);
        if (listed && listed->name[0] != '\0')
                return 0;
        name_of_process(pid, name);
        return add_found(list, path, (uint32_t)status.st_ino, name);
}

static int
add_of_processes(struct netns_list *list)
{
        DIR *directory = opendir("/proc");
        const struct dirent *entry;
        int r = 0;

        if (!directory)
                return -errno;
        while (r == 0 && (entry = readdir(directory)))
                if (isdigit((unsigned char)entry->d_name[0]))
                        r = add_of_process(list, entry->d_name);
        closedir(directory);
        return r;
}

static int
add_own(struct netns_list *list, const char *name)
{
        uint32_t inode;

        if (netns_inode(0, &inode) < 0)
                inode = 0;
        return add(list, 0, inode, name);
}

/* Those that may not be entered are counted and left out. */
static void
take_out_refused(struct netns_list *list)
{
        size_t left = 0;

        for (size_t i = 0; i < list->count; i++)
                if (list->netns[i].fd == REFUSED)
                        list->refused++;
                else
                        list->netns[left++] = list->netns[i];
        list->count = left;
}

static int
add_all(struct netns_list *list)
{
        int r = add_own(list, "");

        if (r == 0)
                r = add_kept(list);
        if (r == 0)
                r = add_of_processes(list);
        take_out_refused(list);
        return r;
}

int
netns_list_open(const char *which, struct netns_list *ret_list)
{
        struct netns_list list = { 0 };
        int r;

        if (!which)
                r = add_own(&list, "self");
        else if (strcmp(which, "all") == 0)
                r = add_all(&list);
        else
                r = add_one(&list, which);
        if (r < 0)
                netns_list_close(&list);
        else
                *ret_list = list;
        return r;
}

void
netns_list_close(struct netns_list *list)
{
        for (size_t i = 0; i < list->count; i++)
                if (list->netns[i].fd > 0)
                        close(list->netns[i].fd);
        free(list->netns);
        *list = (struct netns_list){ 0 };
}

const char *
netns_problem(int error)
{
        switch (-error) {
        case ENOENT:
        case ESRCH:
                return N_("there is no network namespace or process '%s': 'ip netns' lists the names, 'lsns -t net' "
                          "the processes");
        case EINVAL:
        case ENOTTY:
                return N_("'%s' is not a network namespace: name a file such as /run/netns/NAME or /proc/PID/ns/net");
        case EPERM:
        case EACCES:
                return N_("not permitted to look into network namespace '%s': that needs CAP_SYS_ADMIN (and "
                          "CAP_SYS_PTRACE for another user's process), as root has");
        case EMFILE:
        case ENFILE:
                return N_("too many files are open to look into network namespace '%s': raise the limit (ulimit -n)");
        default:
                return NULL;
        }
}
