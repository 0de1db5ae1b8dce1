/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/http_fields.h"
#include "serve/http_listing.h"
#include "serve/http_mime.h"

#define HTML "text/html; charset=utf-8"

static const struct {
        unsigned int status;
        const char *reason;
} reasons[] = {
        { 200, "OK" },
        { 206, "Partial Content" },
        { 301, "Moved Permanently" },
        { 304, "Not Modified" },
        { 400, "Bad Request" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 408, "Request Timeout" },
        { 411, "Length Required" },
        { 412, "Precondition Failed" },
        { 413, "Content Too Large" },
        { 414, "URI Too Long" },
        { 416, "Range Not Satisfiable" },
        { 417, "Expectation Failed" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" },
        { 501, "Not Implemented" },
        { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" },
};

const char *
http_reason(unsigned int status)
{
        for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
                if (reasons[i].status == status)
                        return reasons[i].reason;
        return "";
}

/* ---- Heads ---- */

static const char *
date_now(struct http_site *site)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME_COARSE, &now);
        if (now.tv_sec != site->date_at || site->date[0] == '\0') {
                http_date_write(now.tv_sec, site->date);
                site->date_at = now.tv_sec;
        }
        return site->date;
}

static void
write_field(struct http_writer *w, const char *name, const char *value)
{
        http_write_text(w, name);
        http_write_text(w, ": ");
        http_write_text(w, value);
        http_write_text(w, "\r\n");
}

static void
write_number_field(struct http_writer *w, const char *name, uint64_t number)
{
        http_write_text(w, name);
        http_write_text(w, ": ");
        http_write_number(w, number);
        http_write_text(w, "\r\n");
}

/* The status line, and what every answer has.  HTTP/1.0 keeps a connection only if it is told so. */
static void
begin_head(struct http_site *site, unsigned int status, struct http_answer *a)
{
        struct http_writer *w = &a->head;

        a->status = status;
        w->n = 0;
        http_write_text(w, "HTTP/1.1 ");
        http_write_number(w, status);
        http_write_text(w, " ");
        http_write_text(w, http_reason(status));
        http_write_text(w, "\r\nServer: lastack\r\nDate: ");
        http_write_text(w, date_now(site));
        http_write_text(w, a->keep_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n");
}

static void
end_head(struct http_writer *w)
{
        http_write_text(w, "\r\n");
}

static void
forget_bodies(struct http_answer *a)
{
        http_file_close(&a->file);
        a->bytes = 0;
        a->page.n = 0;
}

void
http_answer_fini(struct http_answer *a)
{
        http_file_close(&a->file);
        free(a->page.bytes);
        a->page = (struct http_writer){ 0 };
}

/* ---- Small pages ---- */

static size_t
status_page_bytes(unsigned int status)
{
        static const char frame[] = "<!DOCTYPE html>\n<title>nnn </title>\n<h1>nnn </h1>\n";

        return sizeof frame - 1 + 2 * strlen(http_reason(status));
}

static void
write_status(struct http_writer *w, unsigned int status, const char *before, const char *behind)
{
        http_write_text(w, before);
        http_write_number(w, status);
        http_write_text(w, " ");
        http_write_text(w, http_reason(status));
        http_write_text(w, behind);
}

/* The rest of a head that says nothing of a file, and a page. */
static void
end_with_page(struct http_answer *a, bool head_only)
{
        struct http_writer *w = &a->head;

        if (a->status == 405)
                write_field(w, "Allow", "GET, HEAD");
        write_field(w, "Content-Type", HTML);
        write_number_field(w, "Content-Length", status_page_bytes(a->status));
        end_head(w);
        if (head_only)
                return;
        write_status(w, a->status, "<!DOCTYPE html>\n<title>", "</title>\n");
        write_status(w, a->status, "<h1>", "</h1>\n");
}

static struct http_answer
answer_init(struct http_site *site, bool keep_alive)
{
        return (struct http_answer){
                .head = { .bytes = site->scratch, .room = sizeof site->scratch },
                .page = { .grows = true },
                .file.fd = -1,
                .keep_alive = keep_alive,
        };
}

void
http_answer_status(struct http_site *site, unsigned int status, bool head_only, struct http_answer *ret_answer)
{
        *ret_answer = answer_init(site, false);
        begin_head(site, status, ret_answer);
        end_with_page(ret_answer, head_only);
}

static void
answer_page(struct http_site *site, const struct http_request *r, unsigned int status, struct http_answer *a)
{
        forget_bodies(a);
        begin_head(site, status, a);
        end_with_page(a, r->method == HTTP_HEAD);
}

static unsigned int
status_of_errno(int error)
{
        switch (error) {
        case -ENOENT:
        case -ENOTDIR:
        case -ELOOP:
        case -EXDEV:
        case -ENAMETOOLONG:
        case -ENXIO: /* a socket */
                return 404;
        case -EACCES:
        case -EPERM:
                return 403;
        case -EMFILE:
        case -ENFILE:
        case -ENOMEM:
        case -EAGAIN:
                return 503;
        default:
                return 500;
        }
}

/* ---- Files ---- */

struct validators {
        char etag[HTTP_ETAG_SIZE];
        char modified[HTTP_DATE_SIZE];
        time_t modified_at;
};

static struct validators
validators_of(const struct http_file *file)
{
        struct validators v = { .modified_at = file->modified.tv_sec };

        http_file_etag(file, v.etag);
        http_date_write(v.modified_at, v.modified);
        return v;
}

/* RFC 9110 13.2.2, for a representation that there is: 0, 304 or 412. */
static unsigned int
judge_conditions(const struct http_request *r, const struct validators *v)
{
        time_t at;

        if (r->if_match.bytes) {
                if (!http_etag_in(r->if_match, v->etag, false))
                        return 412;
        } else if (http_date_parse(r->if_unmodified_since, &at) && v->modified_at > at) {
                return 412;
        }
        if (r->if_none_match.bytes)
                return http_etag_in(r->if_none_match, v->etag, true) ? 304 : 0;
        return http_date_parse(r->if_modified_since, &at) && v->modified_at <= at ? 304 : 0;
}

/* RFC 9110 13.1.5: the tag, or the very date, that the client has a part of. */
static bool
range_counts(const struct http_request *r, const struct validators *v)
{
        time_t at;

        if (r->method != HTTP_GET || !r->range.bytes)
                return false;
        if (!r->if_range.bytes)
                return true;
        if (memchr(r->if_range.bytes, '"', r->if_range.length))
                return http_etag_in(r->if_range, v->etag, false);
        return http_date_parse(r->if_range, &at) && at == v->modified_at;
}

static void
write_validators(struct http_writer *w, const struct validators *v)
{
        write_field(w, "Last-Modified", v->modified);
        write_field(w, "ETag", v->etag);
        write_field(w, "Accept-Ranges", "bytes");
}

static void
write_content_range(struct http_writer *w, const struct http_answer *a)
{
        http_write_text(w, "Content-Range: bytes ");
        if (a->status == 206) {
                http_write_number(w, a->first);
                http_write_text(w, "-");
                http_write_number(w, a->first + a->bytes - 1);
        } else {
                http_write_text(w, "*");
        }
        http_write_text(w, "/");
        http_write_number(w, a->file.bytes);
        http_write_text(w, "\r\n");
}

/* A body that fits behind its head is sent with it.  What has changed while it was read, or been cut, is left to be found
 * out by who sends the rest. */
static void
join_small_body(struct http_answer *a)
{
        struct http_writer *w = &a->head;
        ssize_t n;

        if (a->bytes > w->room - w->n)
                return;
        n = pread(a->file.fd, w->bytes + w->n, a->bytes, (off_t)a->first);
        if (n < 0 || (uint64_t)n != a->bytes || !http_file_unchanged(&a->file))
                return;
        w->n += (size_t)n;
        forget_bodies(a);
}

static void
answer_part(struct http_site *site, const struct http_request *r, unsigned int status, const char *name,
            const struct validators *v, struct http_answer *a)
{
        begin_head(site, status, a);
        write_field(&a->head, "Content-Type", http_mime(name));
        write_number_field(&a->head, "Content-Length", a->bytes);
        write_validators(&a->head, v);
        if (status == 206)
                write_content_range(&a->head, a);
        write_field(&a->head, "X-Content-Type-Options", "nosniff");
        end_head(&a->head);
        if (r->method == HTTP_HEAD || a->bytes == 0)
                forget_bodies(a);
        else
                join_small_body(a);
}

static void
answer_not_modified(struct http_site *site, const struct validators *v, struct http_answer *a)
{
        begin_head(site, 304, a);
        write_field(&a->head, "Last-Modified", v->modified);
        write_field(&a->head, "ETag", v->etag);
        end_head(&a->head);
        forget_bodies(a);
}

static void
answer_unsatisfiable(struct http_site *site, struct http_answer *a)
{
        begin_head(site, 416, a);
        write_content_range(&a->head, a);
        end_with_page(a, false);
        forget_bodies(a);
}

static void
answer_file(struct http_site *site, const struct http_request *r, const char *name, struct http_answer *a)
{
        struct validators v = validators_of(&a->file);
        unsigned int status = judge_conditions(r, &v);
        enum http_range range = HTTP_RANGE_NONE;

        a->first = 0;
        a->bytes = a->file.bytes;
        if (status == 0 && range_counts(r, &v))
                range = http_range_parse(r->range, a->file.bytes, &a->first, &a->bytes);
        if (status == 304)
                answer_not_modified(site, &v, a);
        else if (status != 0)
                answer_page(site, r, status, a);
        else if (range == HTTP_RANGE_UNSATISFIABLE)
                answer_unsatisfiable(site, a);
        else
                answer_part(site, r, range == HTTP_RANGE_PART ? 206 : 200, name, &v, a);
}

/* ---- Directories ---- */

/* From decoded text, so that neither an empty segment nor anything else is taken for a host. */
static void
answer_slash(struct http_site *site, const struct http_request *r, struct http_answer *a)
{
        begin_head(site, 301, a);
        http_write_text(&a->head, "Location: /");
        http_write_url(&a->head, site->path.text);
        http_write_text(&a->head, "/");
        http_write(&a->head, site->path.query.bytes, site->path.query.length);
        http_write_text(&a->head, "\r\n");
        end_with_page(a, r->method == HTTP_HEAD);
        forget_bodies(a);
}

static void
answer_listing(struct http_site *site, const struct http_request *r, struct http_answer *a)
{
        int error = http_listing(site->directory, &a->file, site->path.text, &a->page);

        if (error < 0 || a->page.failed) {
                answer_page(site, r, error < 0 ? status_of_errno(error) : 503, a);
                return;
        }
        http_file_close(&a->file);
        begin_head(site, 200, a);
        write_field(&a->head, "Content-Type", HTML);
        write_number_field(&a->head, "Content-Length", a->page.n);
        end_head(&a->head);
        if (r->method == HTTP_HEAD)
                forget_bodies(a);
}

/* Its index.html, if it has one that can be opened, in place of itself. */
static void
answer_directory(struct http_site *site, const struct http_request *r, struct http_answer *a)
{
        struct http_writer *w = &a->head; /* which holds nothing yet */
        struct http_file index;
        int error;

        http_write_text(w, site->path.text);
        http_write(w, "/index.html", sizeof "/index.html");
        error = http_file_open(site->directory, w->bytes + (w->bytes[0] == '/'), &index);
        if (error == 0 && index.directory) {
                http_file_close(&index);
                error = -ENOENT;
        }
        if (error == -ENOENT) {
                answer_listing(site, r, a);
        } else if (error < 0) {
                answer_page(site, r, status_of_errno(error), a);
        } else {
                http_file_close(&a->file);
                a->file = index;
                answer_file(site, r, "index.html", a);
        }
}

/* ---- The whole ---- */

static void
answer_found(struct http_site *site, const struct http_request *r, struct http_answer *a)
{
        if (a->file.directory && site->path.slash)
                answer_directory(site, r, a);
        else if (a->file.directory)
                answer_slash(site, r, a);
        else if (site->path.slash)
                answer_page(site, r, 404, a);
        else
                answer_file(site, r, site->path.text, a);
}

void
http_answer(struct http_site *site, const struct http_request *request, bool keep_alive, struct http_answer *ret_answer)
{
        struct http_answer *a = ret_answer;
        int r;

        *a = answer_init(site, keep_alive);
        r = http_path_decode(request->target, &site->path);
        if (r < 0) {
                answer_page(site, request, (unsigned int)-r, a);
                return;
        }
        r = http_file_open(site->directory, site->path.text, &a->file);
        if (r < 0)
                answer_page(site, request, status_of_errno(r), a);
        else
                answer_found(site, request, a);
}
