/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as the head of an HTTP request.  What is read of it must lie within it, must not depend on what follows it, and
 * a path that is made of it must not lead out of where it begins.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/http_date.h"
#include "serve/http_fields.h"
#include "serve/http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
        if (!holds)
                abort();
}

static void
check_within(struct http_text t, const char *bytes, size_t n)
{
        check(!t.bytes || (t.bytes >= bytes && t.bytes + t.length <= bytes + n));
}

/* No segment is empty, "." or "..", and none begins with a dot, but for one name. */
static void
check_path(struct http_text target)
{
        struct http_path path;
        const char *at = path.text;

        if (http_path_decode(target, &path) != 0)
                return;
        check(strlen(path.text) < target.length);
        check_within(path.query, target.bytes, target.length);
        while (*at) {
                size_t n = strcspn(at, "/");

                check(n > 0);
                check(at[0] != '.' || (n == strlen(".well-known") && memcmp(at, ".well-known", n) == 0));
                at += n;
                check(*at == '\0' || at[1] != '\0');
                at += *at == '/';
        }
}

static void
check_fields(const struct http_request *r)
{
        uint64_t first, bytes, size = r->range.length * 1000;
        time_t date;

        if (http_range_parse(r->range, size, &first, &bytes) == HTTP_RANGE_PART)
                check(bytes > 0 && first < size && bytes <= size - first);
        (void)http_etag_in(r->if_match, "\"a\"", false);
        (void)http_etag_in(r->if_none_match, "\"a\"", true);
        (void)http_date_parse(r->if_modified_since, &date);
        (void)http_date_parse(r->if_range, &date);
}

/* The same bytes without what follows, and in a block of their own. */
static int
parse_copy(const char *bytes, size_t n)
{
        char *copy = malloc(n ? n : 1);
        struct http_request request;
        int result;

        check(copy);
        memcpy(copy, bytes, n);
        result = http_request_parse(copy, n, &request);
        free(copy);
        return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *bytes = (const char *)data;
        struct http_request r;
        int n = http_request_parse(bytes, size, &r);

        if (n <= 0) {
                check(n == 0 || (n <= -400 && n >= -505));
                check(n < 0 || size < HTTP_HEAD_MAX);
                return 0;
        }
        check((size_t)n <= size && n <= HTTP_HEAD_MAX && r.body_bytes <= HTTP_BODY_MAX);
        check(parse_copy(bytes, (size_t)n) == n);
        check(parse_copy(bytes, (size_t)n - 1) == 0);
        check(r.target.length > 0 && r.target.length <= HTTP_TARGET_MAX);
        if (r.target.length > 1) /* "http://host" means "/", without having it */
                check_within(r.target, bytes, (size_t)n);
        check_within(r.host, bytes, (size_t)n);
        check_within(r.range, bytes, (size_t)n);
        check_within(r.if_none_match, bytes, (size_t)n);
        check_path(r.target);
        check_fields(&r);
        return 0;
}
