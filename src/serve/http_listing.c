/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/http_date.h"

/* Where the entries are. */
struct place {
        int beneath, directory;
        const char *path; /* of `directory`, from `beneath` */
};

struct entry {
        char *name;
        bool directory;
        uint64_t bytes;
        time_t modified;
};

struct entries {
        struct entry *entry;
        size_t n, room;
        bool cut;
};

static void
free_entries(struct entries *e)
{
        for (size_t i = 0; i < e->n; i++)
                free(e->entry[i].name);
        free(e->entry);
}

static bool
room_for_one(struct entries *e)
{
        size_t room = e->room ? 2 * e->room : 64;
        struct entry *entry = e->n < e->room ? e->entry : realloc(e->entry, room * sizeof *entry);

        if (!entry)
                return false;
        if (e->n == e->room)
                e->room = room;
        e->entry = entry;
        return true;
}

/* A link is what it leads to, unless that is not served. */
static bool
follow_link(const struct place *place, const char *name, struct stat *ret_stat)
{
        struct http_file file;
        char *path;
        bool is_there;

        if (asprintf(&path, "%s/%s", *place->path ? place->path : ".", name) < 0)
                return false;
        is_there = http_file_open(place->beneath, path, &file) == 0 && fstat(file.fd, ret_stat) == 0;
        free(path);
        if (is_there)
                http_file_close(&file);
        return is_there;
}

/* What the server would not give is not shown: hidden files, sockets, devices, links to nowhere and out of the site. */
static bool
is_served(const struct place *place, const char *name, struct stat *ret_stat)
{
        if (name[0] == '.' || fstatat(place->directory, name, ret_stat, AT_SYMLINK_NOFOLLOW) < 0)
                return false;
        if (S_ISLNK(ret_stat->st_mode) && !follow_link(place, name, ret_stat))
                return false;
        return S_ISREG(ret_stat->st_mode) || S_ISDIR(ret_stat->st_mode);
}

static int
add_entry(struct entries *e, const struct place *place, const char *name)
{
        struct stat s;

        if (!is_served(place, name, &s))
                return 0;
        if (e->n == HTTP_LISTING_MAX) {
                e->cut = true;
                return 0;
        }
        if (!room_for_one(e))
                return -ENOMEM;
        e->entry[e->n] = (struct entry){ strdup(name), S_ISDIR(s.st_mode), (uint64_t)s.st_size, s.st_mtim.tv_sec };
        if (!e->entry[e->n].name)
                return -ENOMEM;
        e->n++;
        return 0;
}

/* The stream has a descriptor of its own, and so a position of its own. */
static int
read_entries(const struct place *place, struct entries *e)
{
        int fd = openat(place->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
        const struct dirent *d;

        if (!stream) {
                r = -errno;
                if (fd >= 0)
                        close(fd);
                return r;
        }
        while (r == 0 && !e->cut && (d = readdir(stream)) != NULL)
                r = add_entry(e, place, d->d_name);
        closedir(stream);
        return r;
}

/* Directories first, then by the bytes of the name. */
static int
compare(const void *left, const void *right)
{
        const struct entry *a = left, *b = right;

        if (a->directory != b->directory)
                return a->directory ? -1 : 1;
        return strcmp(a->name, b->name);
}

static void
write_entry(struct http_writer *w, const struct entry *e)
{
        char date[HTTP_DATE_SIZE];

        http_date_write(e->modified, date);
        http_write_text(w, "<tr><td><a href=\"./");
        http_write_url(w, e->name);
        http_write_text(w, e->directory ? "/\">" : "\">");
        http_write_html(w, e->name);
        http_write_text(w, e->directory ? "/</a><td class=n>" : "</a><td class=n>");
        if (!e->directory)
                http_write_number(w, e->bytes);
        http_write_text(w, "<td>");
        http_write_text(w, date);
        http_write_text(w, "\n");
}

static void
write_head(struct http_writer *w, const char *path)
{
        http_write_text(w, "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>/");
        http_write_html(w, path);
        http_write_text(w, "</title>\n<style>body{font-family:sans-serif}td{padding:0 1em 0 0}.n{text-align:right}"
                           "</style>\n<h1>/");
        http_write_html(w, path);
        http_write_text(w, "</h1>\n<table>\n");
        if (*path)
                http_write_text(w, "<tr><td><a href=\"../\">../</a><td><td>\n");
}

int
http_listing(int beneath, const struct http_file *directory, const char *path, struct http_writer *w)
{
        const struct place place = { beneath, directory->fd, path };
        struct entries e = { 0 };
        int r = read_entries(&place, &e);

        if (r == 0) {
                if (e.n > 0)
                        qsort(e.entry, e.n, sizeof *e.entry, compare);
                write_head(w, path);
                for (size_t i = 0; i < e.n; i++)
                        write_entry(w, &e.entry[i]);
                http_write_text(w, e.cut ? "</table>\n<p>There is more.\n" : "</table>\n");
        }
        free_entries(&e);
        return r;
}
