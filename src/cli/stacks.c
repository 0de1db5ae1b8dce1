/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stacks.c - the stacks of lastack that run on this host, as far as we may look at them.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/say_error.h"
#include "cli/stack.h"
#include "cli/table.h"
#include "cli/text.h"

#define ADDRESSES_ROOM (2 * TEXT_ROOM)

static const struct argp_option option_list[] = {
        { "json", 'j', NULL, 0, N_("JSON, for machines: a line a stack"), 0 },
        { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        bool *json = state->input;

        (void)arg;
        if (key != 'j')
                return ARGP_ERR_UNKNOWN;
        *json = true;
        return 0;
}

static const struct argp stacks_argp = {
        .options = option_list,
        .parser = parse,
        .doc = N_("Lists the stacks of lastack that run: their names, for --stack, whose they are, and how long."),
};

/* ---- A stack ---- */

static bool
is_set(const uint8_t *address, size_t length)
{
        static const uint8_t zeros[16];

        return memcmp(address, zeros, length) != 0;
}

static char *
put_addresses(char *p, const struct la_config *config)
{
        uint8_t address4[16] = { 0 };

        memcpy(address4, config->address4, 4);
        if (is_set(config->address4, 4))
                p = text_address(p, LA_IPV4, address4);
        if (is_set(config->address4, 4) && is_set(config->address6, 16))
                *p++ = ' ';
        if (is_set(config->address6, 16))
                p = text_address(p, LA_IPV6, config->address6);
        return p;
}

static uint64_t
connections(const struct control_status *s)
{
        uint64_t n = 0;

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                if (i != LA_LISTEN)
                        n += s->states[i];
        return n;
}

/* One stack, and its queues if it has several. */
struct look {
        struct control_client *client;
        struct control_status status;
};

static json_t *
queues(const struct control_client *client)
{
        json_t *array = json_array();

        for (unsigned int i = 0; i < control_queues(client); i++) {
                struct control_queue q = control_queue(client, i);
                json_t *object = json_object();
                json_set_text(object, "name", q.name);
                json_set_number(object, "listeners", q.status->states[LA_LISTEN]);
                json_set_number(object, "connections", connections(q.status));
                json_array_append_new(array, object);
        }
        return array;
}

static void
put_json(const struct look *look)
{
        const struct control_hello *h = control_hello_of(look->client);
        char addresses[ADDRESSES_ROOM];
        json_t *object = json_object();

        *put_addresses(addresses, &h->config) = '\0';
        json_set_text(object, "name", h->name);
        json_set_number(object, "pid", (uint64_t)h->pid);
        json_set_text(object, "comm", h->comm);
        json_set_text(object, "application", h->application);
        json_set_text(object, "interface", h->link.name);
        json_set_text(object, "addresses", addresses);
        json_set_number(object, "listeners", look->status.states[LA_LISTEN]);
        json_set_number(object, "connections", connections(&look->status));
        json_set_number(object, "up_ms", (h->real_us - h->began_us) / 1000);
        json_set_text(object, "version", h->version);
        if (control_queues(look->client) > 1)
                json_object_set_new(object, "queues", queues(look->client));
        json_write_line(object, stdout);
}

static void
count_cells(struct table *t, const struct control_status *s)
{
        table_cell_end(t, text_grouped(table_cell(t, TEXT_ROOM), s->states[LA_LISTEN]));
        table_cell_end(t, text_grouped(table_cell(t, TEXT_ROOM), connections(s)));
}

/* What it has of the stack's above it; the rest is the same. */
static void
put_queue_row(struct table *t, const struct control_queue *q)
{
        char *p = text_string(table_cell(t, CONTROL_QUEUE_NAME_SIZE + 2), "  ");

        table_cell_end(t, text_string(p, q->name));
        for (unsigned int i = 0; i < 3; i++)
                table_text(t, "");
        count_cells(t, q->status);
        table_text(t, "");
        table_text(t, "");
        table_row_end(t, NULL, 0);
}

static void
put_rows(struct table *t, const struct look *look)
{
        const struct control_hello *h = control_hello_of(look->client);
        unsigned int count = control_queues(look->client);
        char *p;

        table_text(t, h->name);
        p = text_foreign(table_cell(t, TEXT_ROOM), h->comm);
        p = text_string(text_number(text_string(p, "["), (uint64_t)h->pid), "]");
        table_cell_end(t, p);
        table_cell_end(t, text_foreign(table_cell(t, TEXT_ROOM), h->link.name));
        table_cell_end(t, put_addresses(table_cell(t, ADDRESSES_ROOM), &h->config));
        count_cells(t, &look->status);
        table_cell_end(t, text_duration(table_cell(t, TEXT_ROOM), (h->real_us - h->began_us) / 1000));
        table_cell_end(t, text_foreign(table_cell(t, TEXT_ROOM), h->application));
        table_row_end(t, NULL, 0);
        for (unsigned int i = 0; count > 1 && i < count; i++) {
                struct control_queue q = control_queue(look->client, i);
                put_queue_row(t, &q);
        }
}

/* ---- All ---- */

/* A queue is shown with the stack that it is one of, if that could be shown: "la0.2" with "la0". */
static bool
is_shown_already(const struct control_hello *h, const struct control_hello *shown, size_t count)
{
        for (size_t i = 0; h->queue > 0 && i < count; i++) {
                size_t length = strlen(shown[i].name);
                if (shown[i].pid == h->pid && h->queue < shown[i].queues &&
                    strncmp(h->name, shown[i].name, length) == 0 &&
                    strtoul(h->name + length + (h->name[length] == '.'), NULL, 10) == h->queue)
                        return true;
        }
        return false;
}

/* Connects to one and shows it, unless it is shown already.  `shown` grows by it. */
static int
put_one(const char *name, bool json, struct table *t, struct control_hello *shown, size_t *count)
{
        struct look look;
        int r = stack_connect(name, &look.client);
        const struct control_hello *h = r < 0 ? NULL : control_hello_of(look.client);

        if (r < 0)
                return r;
        if (!is_shown_already(h, shown, *count) && (r = control_status(look.client, &look.status)) == 0) {
                if (json)
                        put_json(&look);
                else
                        put_rows(t, &look);
                shown[(*count)++] = *h;
        }
        control_close(look.client);
        return r;
}

/* A stack's name comes before those of its queues, which are longer. */
static int
put_all(const struct control_names *names, bool json, struct table *t)
{
        struct control_hello *shown = calloc(names->count + 1, sizeof(*shown));
        size_t count = 0;
        int status = EXIT_OK;

        for (size_t i = 0; i < names->count; i++) {
                int r = shown ? put_one(names->name[i], json, t, shown, &count) : -ENOMEM;
                if (r < 0)
                        status = stack_complain(names->name[i], r);
        }
        free(shown);
        return status;
}

int
command_stacks(int argc, char **argv)
{
        static const struct table_column columns[] = {
                { N_("NAME"), TABLE_LEFT },      { N_("PROCESS"), TABLE_LEFT },     { N_("LINK"), TABLE_LEFT },
                { N_("ADDRESSES"), TABLE_LEFT }, { N_("LISTENERS"), TABLE_RIGHT },  { N_("CONNECTIONS"), TABLE_RIGHT },
                { N_("UP"), TABLE_RIGHT },       { N_("APPLICATION"), TABLE_LEFT },
        };
        struct terminal terminal = terminal_of(stdout);
        struct control_names names;
        struct table t;
        bool json = false;

        argp_parse(&stacks_argp, argc, argv, 0, NULL, &json);
        int r = control_names(&names);
        if (r < 0) {
                say_error("%s\n", strerror(-r));
                return EXIT_NOT_TOLD;
        }
        table_init(&t, &terminal, columns, sizeof(columns) / sizeof(columns[0]));
        int status = put_all(&names, json, &t);
        if (names.count == 0)
                stack_say_none();
        else if (!json)
                table_put(&t);
        table_fini(&t);
        control_names_free(&names);
        return status;
}
