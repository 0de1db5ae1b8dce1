/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that the findings of several rules have in common. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/rules.h"

const char *
word_address(struct findings *f, enum la_family family, const uint8_t address[16])
{
        char text[INET6_ADDRSTRLEN] = "?";

        inet_ntop(family == LA_IPV4 ? AF_INET : AF_INET6, address, text, sizeof(text));
        return findings_say(f, "%s", text);
}

const char *
word_endpoint(struct findings *f, enum la_family family, const uint8_t address[16], uint16_t port)
{
        const char *text = word_address(f, family, address);

        return findings_say(f, family == LA_IPV4 ? "%s:%u" : "[%s]:%u", text, port);
}

const char *
word_path(struct findings *f, const struct path *path)
{
        return findings_say(f, "%s -> %s", word_address(f, (enum la_family)path->family, path->local),
                            word_endpoint(f, (enum la_family)path->family, path->remote, path->service));
}

const char *
word_listener(struct findings *f, const struct listener *l)
{
        return word_endpoint(f, l->family, l->local.address, l->local.port);
}

const char *
word_peer(struct findings *f, const struct peer *p)
{
        if (p->family == 0)
                return _("many others");
        if (p->role == PATH_CLIENT)
                return word_endpoint(f, p->family, p->address, p->service);
        return findings_say(f, _("%s (a client of port %u)"), word_address(f, p->family, p->address), p->service);
}

const char *
word_process(struct findings *f, const struct evidence *e, int32_t pid)
{
        if (pid == 0)
                return _("a process that may not be looked into");
        return findings_say(f, "%s[%d]", evidence_comm(e, pid), pid);
}

const char *
word_time(struct findings *f, uint64_t ms)
{
        uint64_t s = ms / 1000;

        if (s < 1)
                return findings_say(f, "%ums", (unsigned int)ms);
        if (s < 60)
                return findings_say(f, "%us", (unsigned int)s);
        if (s < 3600)
                return findings_say(f, s % 60 ? "%um%us" : "%um", (unsigned int)(s / 60), (unsigned int)(s % 60));
        if (s < 86400)
                return findings_say(f, s / 60 % 60 ? "%uh%um" : "%uh", (unsigned int)(s / 3600),
                                    (unsigned int)(s / 60 % 60));
        return findings_say(f, s / 3600 % 24 ? "%ud%uh" : "%ud", (unsigned int)(s / 86400),
                            (unsigned int)(s / 3600 % 24));
}

const char *
word_bytes(struct findings *f, uint64_t bytes)
{
        static const char *const units[] = { "bytes", "KiB", "MiB", "GiB" };
        size_t unit = 0;

        while (bytes >= 10240 && unit < 3) {
                bytes = (bytes + 512) / 1024;
                unit++;
        }
        return findings_say(f, "%llu %s", (unsigned long long)bytes, units[unit]);
}

/* ---- Commands ----------------------------------------------------------------------------------------------------- */

/* The one place that words a setting: tune/remedy.h reads what is said here of Linux. */
__attribute__((format(printf, 3, 0))) static const char *
word_setting(struct findings *f, const char *name, const char *format, va_list arguments)
{
        char *value;

        if (vasprintf(&value, format, arguments) < 0) {
                f->out_of_memory = true;
                return "";
        }
        const char *quote = *value == '\0' || strpbrk(value, " ,") ? "\"" : "";
        const char *command =
                f->stack ? findings_say(f, "lastack knob %s %s%s%s --stack %s", name, quote, value, quote, f->stack)
                         : findings_say(f, "sysctl -w %s=%s%s%s", name, quote, value, quote);
        free(value);
        return command;
}

const char *
word_knob(struct findings *f, enum la_knob knob, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        const char *command = word_setting(f, la_knob_info(knob)->name, format, arguments);
        va_end(arguments);
        return command;
}

const char *
word_ls(struct findings *f, const char *format, ...)
{
        va_list arguments;
        char *words;

        va_start(arguments, format);
        int length = vasprintf(&words, format, arguments);
        va_end(arguments);
        if (length < 0) {
                f->out_of_memory = true;
                return "";
        }
        const char *command = f->stack ? findings_say(f, "lastack ls --stack %s %s", f->stack, words)
                                       : findings_say(f, "lastack ls %s", words);
        free(words);
        return command;
}

const char *
word_watch(struct findings *f, const char *linux_command)
{
        return f->stack ? findings_say(f, "lastack events --stack %s", f->stack) : linux_command;
}

void
finding_process(struct finding *x, const struct evidence *e, int32_t pid)
{
        if (pid == 0)
                return;
        finding_number(x, "pid", pid);
        finding_text(x, "comm", evidence_comm(e, pid));
}

void
finding_more(struct finding *x, size_t more)
{
        if (more > 0)
                finding_number(x, "more_like_this", (int64_t)more);
}
