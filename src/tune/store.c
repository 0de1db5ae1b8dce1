/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "linux/durable.h"

#define LOCK_PATIENCE_MS 5000
#define LOCK_STEP_MS     20

struct tune_store
tune_store_to_read(const char *directory)
{
        return (struct tune_store){ .directory = directory, .lock = -1 };
}

static int
lock(int fd)
{
        for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
                if (errno != EWOULDBLOCK)
                        return -errno;
                if (waited >= LOCK_PATIENCE_MS)
                        return -EBUSY;
                nanosleep(&(struct timespec){ .tv_nsec = LOCK_STEP_MS * 1000000L }, NULL);
        }
        return 0;
}

int
tune_store_lock(const char *directory, struct tune_store *ret)
{
        char path[PATH_MAX];
        int r = durable_make_directory(directory, 0755), fd;

        if (r == 0 && snprintf(path, sizeof(path), "%s/lock", directory) >= (int)sizeof(path))
                r = -ENAMETOOLONG;
        if (r < 0)
                return r;
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
                return -errno;
        r = lock(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        *ret = (struct tune_store){ .directory = directory, .lock = fd };
        return 0;
}

void
tune_store_unlock(struct tune_store *s)
{
        if (s->lock >= 0)
                close(s->lock);
        s->lock = -1;
}

/* ---- Journals ---- */

static void
name_of(unsigned int id, char ret[32])
{
        snprintf(ret, 32, "%06u.change", id);
}

/* The number in a journal's name; 0 for other files. */
static unsigned int
id_of(const char *name)
{
        unsigned int id;
        int end = 0;

        return sscanf(name, "%9u.change%n", &id, &end) == 1 && name[end] == '\0' && end > 0 ? id : 0;
}

int
tune_store_load(const struct tune_store *s, unsigned int id, struct tune_change *ret)
{
        char name[32], *text;
        size_t size;
        int r;

        name_of(id, name);
        r = durable_read(s->directory, name, &text, &size);
        if (r < 0)
                return r;
        r = tune_change_parse(text, size, ret);
        free(text);
        if (r == 0)
                ret->id = id;
        return r;
}

static int
compare_ids(const void *a, const void *b)
{
        const struct tune_change *first = a, *second = b;

        return (first->id > second->id) - (first->id < second->id);
}

static int
add(struct tune_changes *all, const struct tune_change *c)
{
        struct tune_change *grown = realloc(all->change, (all->count + 1) * sizeof(*grown));

        if (!grown)
                return -ENOMEM;
        all->change = grown;
        all->change[all->count++] = *c;
        return 0;
}

static int
add_file(const struct tune_store *s, const char *name, struct tune_changes *all)
{
        unsigned int id = id_of(name);
        struct tune_change c;
        int r = id > 0 ? tune_store_load(s, id, &c) : -EBADMSG;

        if (r == -EBADMSG)
                return 0;
        if (r == 0) {
                r = add(all, &c);
                if (r < 0)
                        tune_change_fini(&c);
        }
        return r;
}

int
tune_store_list(const struct tune_store *s, struct tune_changes *ret)
{
        struct tune_changes all = { 0 };
        DIR *directory = opendir(s->directory);
        struct dirent *entry;
        int r = 0;

        if (!directory && errno != ENOENT)
                return -errno;
        while (directory && r == 0 && (entry = readdir(directory)))
                r = add_file(s, entry->d_name, &all);
        if (directory)
                closedir(directory);
        if (r < 0) {
                tune_changes_fini(&all);
                return r;
        }
        if (all.count > 1)
                qsort(all.change, all.count, sizeof(*all.change), compare_ids);
        *ret = all;
        return 0;
}

void
tune_changes_fini(struct tune_changes *c)
{
        for (size_t i = 0; i < c->count; i++)
                tune_change_fini(&c->change[i]);
        free(c->change);
        *c = (struct tune_changes){ 0 };
}

/* One more than the highest number, of journals that cannot be read, too. */
static unsigned int
next_id(const struct tune_store *s)
{
        DIR *directory = opendir(s->directory);
        unsigned int highest = 0;
        struct dirent *entry;

        while (directory && (entry = readdir(directory)))
                if (id_of(entry->d_name) > highest)
                        highest = id_of(entry->d_name);
        if (directory)
                closedir(directory);
        return highest + 1;
}

int
tune_store_create(const struct tune_store *s, struct tune_change *c)
{
        char name[32], *text = tune_change_text(c);
        int r;

        if (!text)
                return -ENOMEM;
        c->id = next_id(s);
        name_of(c->id, name);
        r = durable_create(s->directory, name, text, 0644);
        free(text);
        return r;
}

int
tune_store_note(const struct tune_store *s, const struct tune_change *c, const char *format, ...)
{
        char name[32], *line;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&line, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        name_of(c->id, name);
        r = durable_append_line(s->directory, name, line);
        free(line);
        return r;
}
