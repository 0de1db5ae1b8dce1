/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf.h - sysctl.conf as people write it, and as they paste it.
 *
 * Read is what sysctl(8) and systemd read: NAME = VALUE, '.' or '/' between the parts of a name, '-' before it for "may
 * fail", '*' in it for all that match, comments with '#' or ';' at the beginning of a line.  Beyond that what a reader
 * of the web pastes and sysctl would not take: several settings on a line, quotes, commands (sysctl -w, echo ... >).
 * These are read as they were meant, and `oddities` says what sysctl would have made of them.
 */
#ifndef LASTACK_TUNE_CONF_H
#define LASTACK_TUNE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tune_oddity {
        TUNE_ODD_SEVERAL = 1 << 0,  /* more than one setting on the line */
        TUNE_ODD_QUOTES = 1 << 1,   /* quotes around a name or a value */
        TUNE_ODD_COMMAND = 1 << 2,  /* a shell's command, not a setting */
        TUNE_ODD_COMMENT = 1 << 3,  /* a comment behind the value, which sysctl takes for a part of it */
        TUNE_ODD_BLANKS = 1 << 4,   /* blanks that are not ASCII's */
        TUNE_ODD_BOM = 1 << 5,      /* a byte order mark before it */
        TUNE_ODD_SETTING = 1 << 6,  /* no '=': not a setting */
        TUNE_ODD_NO_VALUE = 1 << 7, /* nothing behind the '=' */
        TUNE_ODD_NO_NAME = 1 << 8,  /* nothing before it */
        TUNE_ODD_LONG = 1 << 9,     /* longer than a line that sysctl takes */
        TUNE_ODD_MARK = 1 << 10,    /* a byte order mark before a comment or an empty line: no setting at all */
};

/* Longer lines are cut by some sysctl(8), and no value may be longer than a page. */
#define TUNE_LINE_MAX 4095

struct tune_setting {
        unsigned int file; /* which of the files, from 0 */
        unsigned int line; /* from 1 */
        char *text;        /* as it stands there, without blanks around it; cut if it is very long */
        char *name;        /* '.' between the parts, as sysctl prints it: "net.ipv4.conf.eth0/1.rp_filter" */
        char *value;       /* one blank wherever there were several; "" where there is none */
        bool may_fail;     /* '-' before it */
        bool exclusion;    /* '-' and no value: what a '*' elsewhere shall leave out */
        bool pattern;      /* '*', '?' or '[' in the name */
        uint32_t oddities; /* bits of enum tune_oddity */
        char *reason;      /* why, where somebody else than a person says so; NULL: it is not said */
};

struct tune_conf {
        struct tune_setting *setting;
        size_t count, capacity;
};

/* Adds the settings of a text.  Returns 0; -EILSEQ for what is no text (a NUL in it); or -ENOMEM. */
int tune_conf_read(struct tune_conf *conf, unsigned int file, const char *text, size_t size);

/* Adds one setting as a command line has it, NAME=VALUE; a leaf's name will do.  Returns 0; -EINVAL if it is none; or
 * -ENOMEM. */
int tune_conf_word(struct tune_conf *conf, const char *word);

/* Takes a setting out. */
void tune_conf_drop(struct tune_conf *conf, size_t i);

void tune_conf_fini(struct tune_conf *conf);

/* A name's file below /proc/sys, "net/ipv4/conf/eth0.1/rp_filter", to be freed; NULL without memory. */
char *tune_name_path(const char *name);

#endif
