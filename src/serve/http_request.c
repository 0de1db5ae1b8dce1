/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_request.h"

#include <string.h>
#include <strings.h>

enum {
        BAD_REQUEST = -400,
        NOT_FOUND = -404,
        METHOD_NOT_ALLOWED = -405,
        LENGTH_REQUIRED = -411,
        CONTENT_TOO_LARGE = -413,
        URI_TOO_LONG = -414,
        EXPECTATION_FAILED = -417,
        FIELDS_TOO_LARGE = -431,
        NOT_IMPLEMENTED = -501,
        VERSION_NOT_SUPPORTED = -505,
};

/* ---- Texts ---- */

static bool
text_is(struct http_text t, const char *word)
{
        return strlen(word) == t.length && strncasecmp(t.bytes, word, t.length) == 0;
}

static bool
is_blank(char c)
{
        return c == ' ' || c == '\t';
}

static struct http_text
trimmed(const char *begin, const char *end)
{
        while (begin < end && is_blank(*begin))
                begin++;
        while (end > begin && is_blank(end[-1]))
                end--;
        return (struct http_text){ begin, (size_t)(end - begin) };
}

/* RFC 9110 5.6.2. */
static bool
is_token_character(char c)
{
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
                return true;
        return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool
is_token(struct http_text t)
{
        for (size_t i = 0; i < t.length; i++)
                if (!is_token_character(t.bytes[i]))
                        return false;
        return t.length > 0;
}

static bool
is_control(char c)
{
        return (unsigned char)c < ' ' || c == 0x7f;
}

bool
http_list_has(struct http_text list, const char *word)
{
        const char *at = list.bytes, *end = at ? at + list.length : at;

        while (at && at < end) {
                const char *comma = memchr(at, ',', (size_t)(end - at));

                if (text_is(trimmed(at, comma ? comma : end), word))
                        return true;
                at = comma ? comma + 1 : end;
        }
        return false;
}

/* ---- Lines ---- */

struct cursor {
        const char *at, *end;
};

/* 1 and a line without its CRLF; 0 if its end has not come yet. */
static int
next_line(struct cursor *c, struct http_text *ret_line)
{
        const char *feed = c->at < c->end ? memchr(c->at, '\n', (size_t)(c->end - c->at)) : NULL;

        if (!feed)
                return 0;
        if (feed == c->at || feed[-1] != '\r')
                return BAD_REQUEST;
        *ret_line = (struct http_text){ c->at, (size_t)(feed - 1 - c->at) };
        c->at = feed + 1;
        return 1;
}

/* RFC 9112 2.2: empty lines before a request are forgiven. */
static int
first_line(struct cursor *c, struct http_text *ret_line)
{
        int r;

        do
                r = next_line(c, ret_line);
        while (r == 1 && ret_line->length == 0);
        return r;
}

/* ---- The request line ---- */

/* What is in the registry and more than one server does; whoever asks for anything else is told that it is not known. */
static const char *const other_methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH" };

/* Methods are case-sensitive (RFC 9110 9.1). */
static bool
method_is(struct http_text t, const char *name)
{
        return strlen(name) == t.length && memcmp(t.bytes, name, t.length) == 0;
}

static int
parse_method(struct http_text t, struct http_request *r)
{
        if (!is_token(t))
                return BAD_REQUEST;
        if (method_is(t, "GET"))
                return 0;
        if (method_is(t, "HEAD")) {
                r->method = HTTP_HEAD;
                return 0;
        }
        for (size_t i = 0; i < sizeof other_methods / sizeof other_methods[0]; i++)
                if (method_is(t, other_methods[i]))
                        return METHOD_NOT_ALLOWED;
        return NOT_IMPLEMENTED;
}

static bool
is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static int
parse_version(struct http_text t, struct http_request *r)
{
        if (t.length != 8 || memcmp(t.bytes, "HTTP/", 5) != 0 || !is_digit(t.bytes[5]) || t.bytes[6] != '.' ||
            !is_digit(t.bytes[7]))
                return BAD_REQUEST;
        if (t.bytes[5] != '1')
                return VERSION_NOT_SUPPORTED;
        r->minor = t.bytes[7] == '0' ? 0 : 1;
        r->keep_alive = r->minor == 1;
        return 0;
}

/* origin-form, or absolute-form without what it says of scheme and host (RFC 9112 3.2). */
static int
parse_target(struct http_text t, struct http_request *r)
{
        static const char scheme[] = "http://";
        const char *slash;

        for (size_t i = 0; i < t.length; i++)
                if (is_control(t.bytes[i]))
                        return BAD_REQUEST;
        if (t.length > HTTP_TARGET_MAX)
                return URI_TOO_LONG;
        if (t.length > strlen(scheme) && strncasecmp(t.bytes, scheme, strlen(scheme)) == 0) {
                slash = memchr(t.bytes + strlen(scheme), '/', t.length - strlen(scheme));
                r->target = slash ? (struct http_text){ slash, (size_t)(t.bytes + t.length - slash) }
                                  : (struct http_text){ "/", 1 };
                return 0;
        }
        r->target = t;
        return t.length > 0 && t.bytes[0] == '/' ? 0 : BAD_REQUEST;
}

/* METHOD SP TARGET SP VERSION, one space each.  The version is judged first: what follows it may mean something else. */
static int
parse_request_line(struct http_text line, struct http_request *r)
{
        const char *end = line.bytes + line.length;
        const char *first = memchr(line.bytes, ' ', line.length);
        const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
        int result;

        if (!second)
                return BAD_REQUEST;
        result = parse_version((struct http_text){ second + 1, (size_t)(end - second - 1) }, r);
        if (result == 0)
                result = parse_method((struct http_text){ line.bytes, (size_t)(first - line.bytes) }, r);
        if (result == 0)
                result = parse_target((struct http_text){ first + 1, (size_t)(second - first - 1) }, r);
        return result;
}

/* ---- Fields ---- */

/* What one pass over the fields notes beside what the request keeps. */
struct seen {
        unsigned int hosts, lengths, encodings, fields;
        struct http_text encoding;
        unsigned int kept; /* bits of kept_fields[] that came */
};

static const struct {
        const char *name;
        size_t offset;
} kept_fields[] = {
        { "Range", offsetof(struct http_request, range) },
        { "If-Range", offsetof(struct http_request, if_range) },
        { "If-Match", offsetof(struct http_request, if_match) },
        { "If-None-Match", offsetof(struct http_request, if_none_match) },
        { "If-Modified-Since", offsetof(struct http_request, if_modified_since) },
        { "If-Unmodified-Since", offsetof(struct http_request, if_unmodified_since) },
};

static void
keep_field(struct http_text name, struct http_text value, struct http_request *r, struct seen *seen)
{
        for (unsigned int i = 0; i < sizeof kept_fields / sizeof kept_fields[0]; i++)
                if (text_is(name, kept_fields[i].name)) {
                        struct http_text *to = (struct http_text *)(void *)((char *)r + kept_fields[i].offset);

                        *to = seen->kept & 1u << i ? (struct http_text){ 0 } : value;
                        seen->kept |= 1u << i;
                        return;
                }
}

static int
take_length(struct http_text value, struct http_request *r, struct seen *seen)
{
        uint64_t length = 0;

        if (seen->lengths++ > 0 || value.length == 0)
                return BAD_REQUEST;
        for (size_t i = 0; i < value.length; i++) {
                if (!is_digit(value.bytes[i]))
                        return BAD_REQUEST;
                if (length <= HTTP_BODY_MAX)
                        length = length * 10 + (uint64_t)(value.bytes[i] - '0');
        }
        r->body_bytes = length;
        return 0;
}

/* Who expects 100 (Continue) gets the final status at once, and may then send a body or not: nothing can follow. */
static int
take_expectation(struct http_text value, struct http_request *r)
{
        r->keep_alive = false;
        return text_is(value, "100-continue") ? 0 : EXPECTATION_FAILED;
}

static void
take_connection(struct http_text value, struct http_request *r, bool *closes)
{
        if (http_list_has(value, "close"))
                *closes = true;
        else if (http_list_has(value, "keep-alive"))
                r->keep_alive = true;
        if (*closes)
                r->keep_alive = false;
}

static int
take_field(struct http_text name, struct http_text value, struct http_request *r, struct seen *seen, bool *closes)
{
        switch (name.bytes[0] | 0x20) {
        case 'h':
                if (text_is(name, "Host")) {
                        r->host = value;
                        return seen->hosts++ > 0 ? BAD_REQUEST : 0;
                }
                return 0;
        case 'c':
                if (text_is(name, "Connection"))
                        take_connection(value, r, closes);
                return text_is(name, "Content-Length") ? take_length(value, r, seen) : 0;
        case 't':
                if (text_is(name, "Transfer-Encoding")) {
                        seen->encoding = value;
                        seen->encodings++;
                }
                return 0;
        case 'e':
                if (text_is(name, "Expect")) {
                        *closes = true;
                        return take_expectation(value, r);
                }
                return 0;
        case 'r':
        case 'i':
                keep_field(name, value, r, seen);
                return 0;
        default:
                return 0;
        }
}

static int
parse_field(struct http_text line, struct http_request *r, struct seen *seen, bool *closes)
{
        const char *end = line.bytes + line.length;
        const char *colon = memchr(line.bytes, ':', line.length);
        struct http_text name, value;

        if (!colon || ++seen->fields > HTTP_FIELDS_MAX)
                return colon ? FIELDS_TOO_LARGE : BAD_REQUEST;
        name = (struct http_text){ line.bytes, (size_t)(colon - line.bytes) };
        value = trimmed(colon + 1, end);
        if (!is_token(name)) /* no name, a blank before the colon, a folded line */
                return BAD_REQUEST;
        for (size_t i = 0; i < value.length; i++)
                if (is_control(value.bytes[i]) && value.bytes[i] != '\t')
                        return BAD_REQUEST;
        return take_field(name, value, r, seen, closes);
}

/* ---- The whole ---- */

/* RFC 9112 6.3. */
static int
judge_framing(const struct http_request *r, const struct seen *seen)
{
        if (seen->hosts == 0 && r->minor > 0)
                return BAD_REQUEST;
        if (seen->encodings > 0 && (seen->lengths > 0 || seen->encodings > 1 || r->minor == 0))
                return BAD_REQUEST;
        if (seen->encodings > 0)
                return text_is(seen->encoding, "chunked") ? LENGTH_REQUIRED : NOT_IMPLEMENTED;
        return r->body_bytes > HTTP_BODY_MAX ? CONTENT_TOO_LARGE : 0;
}

/* All lines up to the empty one; 1 when it was there. */
static int
parse_fields(struct cursor *c, struct http_request *r)
{
        struct seen seen = { 0 };
        struct http_text line;
        bool closes = false;
        int result;

        while ((result = next_line(c, &line)) == 1) {
                if (line.length == 0) {
                        result = judge_framing(r, &seen);
                        return result < 0 ? result : 1;
                }
                result = parse_field(line, r, &seen, &closes);
                if (result < 0)
                        break;
        }
        return result;
}

int
http_request_parse(const char *bytes, size_t n, struct http_request *ret_request)
{
        struct cursor c = { bytes, bytes + (n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX) };
        struct http_text line;
        int result;

        *ret_request = (struct http_request){ 0 };
        result = first_line(&c, &line);
        if (result == 0 && n >= HTTP_HEAD_MAX)
                return URI_TOO_LONG;
        if (result == 1)
                result = parse_request_line(line, ret_request);
        else
                return result;
        if (result == 0)
                result = parse_fields(&c, ret_request);
        if (result == 0 && n >= HTTP_HEAD_MAX)
                return FIELDS_TOO_LARGE;
        return result == 1 ? (int)(c.at - bytes) : result;
}

/* ---- Paths ---- */

static int
hex_digit(char c)
{
        if (is_digit(c))
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character at `*at`, which moves on; -1 if it is none. */
static int
decode_one(const char **at, const char *end)
{
        int high, low;

        if (**at != '%')
                return (unsigned char)*(*at)++;
        if (end - *at < 3)
                return -1;
        high = hex_digit((*at)[1]);
        low = hex_digit((*at)[2]);
        *at += 3;
        return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

static bool
is_hidden(const char *segment)
{
        return segment[0] == '.' && strcmp(segment, ".well-known") != 0;
}

/* Takes the '/' behind a segment, or the end of all: false if the segment is not to be seen. */
static bool
end_segment(struct http_path *p, size_t *segment, size_t *n)
{
        p->text[*n] = '\0';
        if (strcmp(p->text + *segment, ".") == 0) { /* RFC 3986 5.2.4 */
                *n = *segment;
                return true;
        }
        if (is_hidden(p->text + *segment))
                return false;
        if (*n > *segment)
                p->text[(*n)++] = '/';
        *segment = *n;
        return true;
}

int
http_path_decode(struct http_text target, struct http_path *ret_path)
{
        const char *at = target.bytes, *end = target.bytes + target.length;
        const char *question = memchr(at, '?', target.length);
        size_t n = 0, segment = 0;
        int c = '/';

        ret_path->query = (struct http_text){ question, question ? (size_t)(end - question) : 0 };
        end = question ? question : end;
        while (at < end && n < HTTP_TARGET_MAX) {
                c = decode_one(&at, end);
                if (c < 0)
                        return BAD_REQUEST;
                if (c != '/')
                        ret_path->text[n++] = (char)c;
                else if (!end_segment(ret_path, &segment, &n))
                        return NOT_FOUND;
        }
        ret_path->slash = c == '/';
        if (at < end || !end_segment(ret_path, &segment, &n))
                return NOT_FOUND;
        ret_path->text[n > 0 ? n - 1 : 0] = '\0';
        return 0;
}
