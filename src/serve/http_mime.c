/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_mime.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define UNKNOWN "application/octet-stream"

/* By what follows the last dot of the name, in this order. */
static const struct mime {
        const char *ending;
        const char *type;
} types[] = {
        { "7z", "application/x-7z-compressed" },
        { "aac", "audio/aac" },
        { "apng", "image/apng" },
        { "asc", "text/plain; charset=utf-8" },
        { "atom", "application/atom+xml" },
        { "avi", "video/x-msvideo" },
        { "avif", "image/avif" },
        { "bin", "application/octet-stream" },
        { "bmp", "image/bmp" },
        { "bz2", "application/x-bzip2" },
        { "c", "text/plain; charset=utf-8" },
        { "cfg", "text/plain; charset=utf-8" },
        { "conf", "text/plain; charset=utf-8" },
        { "css", "text/css; charset=utf-8" },
        { "csv", "text/csv; charset=utf-8" },
        { "deb", "application/vnd.debian.binary-package" },
        { "diff", "text/plain; charset=utf-8" },
        { "doc", "application/msword" },
        { "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "eot", "application/vnd.ms-fontobject" },
        { "epub", "application/epub+zip" },
        { "flac", "audio/flac" },
        { "gif", "image/gif" },
        { "gz", "application/gzip" },
        { "h", "text/plain; charset=utf-8" },
        { "htm", "text/html; charset=utf-8" },
        { "html", "text/html; charset=utf-8" },
        { "ico", "image/vnd.microsoft.icon" },
        { "ics", "text/calendar; charset=utf-8" },
        { "ini", "text/plain; charset=utf-8" },
        { "iso", "application/octet-stream" },
        { "jar", "application/java-archive" },
        { "jpeg", "image/jpeg" },
        { "jpg", "image/jpeg" },
        { "js", "text/javascript; charset=utf-8" },
        { "json", "application/json" },
        { "jsonl", "application/jsonl" },
        { "jsonld", "application/ld+json" },
        { "jxl", "image/jxl" },
        { "log", "text/plain; charset=utf-8" },
        { "m3u8", "application/vnd.apple.mpegurl" },
        { "m4a", "audio/mp4" },
        { "m4v", "video/mp4" },
        { "map", "application/json" },
        { "md", "text/markdown; charset=utf-8" },
        { "mid", "audio/midi" },
        { "mjs", "text/javascript; charset=utf-8" },
        { "mkv", "video/x-matroska" },
        { "mov", "video/quicktime" },
        { "mp3", "audio/mpeg" },
        { "mp4", "video/mp4" },
        { "mpd", "application/dash+xml" },
        { "mpeg", "video/mpeg" },
        { "odp", "application/vnd.oasis.opendocument.presentation" },
        { "ods", "application/vnd.oasis.opendocument.spreadsheet" },
        { "odt", "application/vnd.oasis.opendocument.text" },
        { "oga", "audio/ogg" },
        { "ogg", "audio/ogg" },
        { "ogv", "video/ogg" },
        { "opus", "audio/opus" },
        { "otf", "font/otf" },
        { "patch", "text/plain; charset=utf-8" },
        { "pcap", "application/vnd.tcpdump.pcap" },
        { "pdf", "application/pdf" },
        { "pem", "application/x-pem-file" },
        { "png", "image/png" },
        { "ppt", "application/vnd.ms-powerpoint" },
        { "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
        { "ps", "application/postscript" },
        { "py", "text/x-python; charset=utf-8" },
        { "rar", "application/vnd.rar" },
        { "rpm", "application/x-rpm" },
        { "rss", "application/rss+xml" },
        { "rtf", "application/rtf" },
        { "sh", "application/x-sh" },
        { "sql", "application/sql" },
        { "svg", "image/svg+xml" },
        { "tar", "application/x-tar" },
        { "tex", "application/x-tex" },
        { "tgz", "application/gzip" },
        { "tif", "image/tiff" },
        { "tiff", "image/tiff" },
        { "toml", "application/toml" },
        { "ts", "video/mp2t" },
        { "tsv", "text/tab-separated-values; charset=utf-8" },
        { "ttf", "font/ttf" },
        { "txt", "text/plain; charset=utf-8" },
        { "vtt", "text/vtt; charset=utf-8" },
        { "wasm", "application/wasm" },
        { "wav", "audio/wav" },
        { "weba", "audio/webm" },
        { "webm", "video/webm" },
        { "webmanifest", "application/manifest+json" },
        { "webp", "image/webp" },
        { "woff", "font/woff" },
        { "woff2", "font/woff2" },
        { "xhtml", "application/xhtml+xml" },
        { "xls", "application/vnd.ms-excel" },
        { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
        { "xml", "application/xml" },
        { "xsl", "application/xml" },
        { "xz", "application/x-xz" },
        { "yaml", "application/yaml" },
        { "yml", "application/yaml" },
        { "zip", "application/zip" },
        { "zst", "application/zstd" },
};

static int
compare(const void *ending, const void *row)
{
        return strcasecmp(ending, ((const struct mime *)row)->ending);
}

const char *
http_mime(const char *path)
{
        const char *slash = strrchr(path, '/');
        const char *dot = strrchr(slash ? slash : path, '.');
        const struct mime *found =
                dot ? bsearch(dot + 1, types, sizeof types / sizeof types[0], sizeof types[0], compare) : NULL;

        return found ? found->type : UNKNOWN;
}
