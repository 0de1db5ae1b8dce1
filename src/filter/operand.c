/* SPDX-License-Identifier: BSD-2-Clause */
/* operand.c - what stands behind each condition's word, but for the addresses and ports of host.c. */
#include <errno.h>
#include <string.h>

#include "filter/names.h"
#include "filter/operand.h"
#include "filter/varying.h"

static bool
emit_range(struct parser *p, enum test_kind kind, const struct operand *operand, uint64_t value,
           struct fragment *ret_fragment)
{
        return emit(p, (struct test){ .kind = (uint8_t)kind, .range = range_of(operand->comparison, value) },
                    ret_fragment);
}

bool
operand_dev(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        struct range number = RANGE_EMPTY;
        struct test test;
        uint64_t value;
        uint32_t index;

        /* A name may look like a number; where the sockets are those of many namespaces, that is seen later. */
        if (is_number(token->word) && (p->for_many || !names_interface(token->word, &index))) {
                if (!parse_number(p, token, token->word, INT32_MAX, &value))
                        return false;
                number = range_of(operand->comparison, value);
        }
        return test_interface(p, token, token->word, number, &test) && emit(p, test, ret_fragment);
}

bool
operand_fwmark(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        char *slash = strchr(token->word, '/');
        uint64_t value, mask = UINT32_MAX;

        if (slash)
                *slash = '\0';
        if (!parse_number(p, token, token->word, UINT32_MAX, &value) ||
            (slash && !parse_number(p, token, slash + 1, UINT32_MAX, &mask)))
                return false;
        if (value & ~mask)
                return REFUSE_TOKEN(p, token, _("no mark is %s under the mask %s, which leaves out some of its bits"),
                                    token->word, slash + 1);
        return emit(p, (struct test){ .kind = TEST_MARK, .mark = { (uint32_t)value, (uint32_t)mask } }, ret_fragment);
}

bool
operand_cgroup(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint64_t inode;
        int r = names_cgroup(token->word, &inode);

        if (r == -ENODEV)
                return REFUSE_TOKEN(p, token, _("no cgroup2 file system is mounted here, so cgroups have no names"));
        if (r < 0)
                return REFUSE_TOKEN(p, token, _("no cgroup '%s': %s"), quote_token(p, token).text, strerror(-r));
        return emit_range(p, TEST_CGROUP, operand, inode, ret_fragment);
}

/* As ss has it: the port lies where the kernel takes ports from.  That somebody bound it on purpose is not to be seen
 * from outside. */
bool
operand_autobound(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        struct test test;

        (void)operand;
        return test_autobound(p, &test) && emit(p, test, ret_fragment);
}

bool
operand_uid(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint32_t uid;
        uint64_t value;

        if (is_number(token->word)) {
                if (!parse_number(p, token, token->word, UINT32_MAX, &value))
                        return false;
        } else if (names_user(token->word, &uid)) {
                value = uid;
        } else {
                return REFUSE_TOKEN(p, token, _("no user is called '%s'; a number will do, too"),
                                    quote_token(p, token).text);
        }
        return emit_range(p, TEST_UID, operand, value, ret_fragment);
}

bool
operand_ino(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint64_t value;

        return parse_number(p, token, token->word, UINT32_MAX, &value) &&
               emit_range(p, TEST_INODE, operand, value, ret_fragment);
}

bool
operand_pid(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint64_t value;

        return parse_number(p, token, token->word, INT32_MAX, &value) &&
               emit_range(p, TEST_PID, operand, value, ret_fragment);
}

#define PATTERN_MAX 255

bool
operand_comm(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        bool glob = strpbrk(token->word, "*?[") != NULL;
        size_t length = strlen(token->word);

        if (length == 0)
                return REFUSE_TOKEN(p, token, _("every process has a name; write one, or a pattern such as 'ngin*'"));
        if (length > PATTERN_MAX)
                return REFUSE_TOKEN(p, token, _("no name of a process is that long; Linux keeps %d characters"),
                                    LA_NAME_SIZE - 1);
        if (!glob && length >= LA_NAME_SIZE)
                token->word[LA_NAME_SIZE - 1] = '\0'; /* as the kernel does */
        return emit(p, (struct test){ .kind = glob ? TEST_COMM_GLOB : TEST_COMM, .comm = token->word }, ret_fragment);
}

#define PROCESS_MAX (1u << 22) /* the kernel's PID_MAX_LIMIT; inodes of namespaces begin at 0xf0000000 */

bool
operand_netns(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint64_t value = 0;
        uint32_t inode;
        int r = names_netns(token->word, &inode);

        if (r < 0 && is_number(token->word)) {
                if (!parse_number(p, token, token->word, UINT32_MAX, &value))
                        return false;
                inode = (uint32_t)value;
                r = value > PROCESS_MAX ? 0 : names_netns_of_process((uint32_t)value, &inode);
        }
        if (r == -EINVAL)
                return REFUSE_TOKEN(p, token, _("'%s' is not a network namespace"), quote_token(p, token).text);
        if (r < 0)
                return REFUSE_TOKEN(p, token,
                                    _("cannot find network namespace '%s': %s; give a name in /run/netns, a process "
                                      "or an inode"),
                                    quote_token(p, token).text, strerror(-r));
        return emit_range(p, TEST_NETNS, operand, inode, ret_fragment);
}

bool
operand_age(struct parser *p, const struct operand *operand, struct fragment *ret_fragment)
{
        const struct token *token = operand->token;
        uint64_t ms;

        return parse_time(p, token, &ms) && emit_range(p, TEST_AGE, operand, ms, ret_fragment);
}
