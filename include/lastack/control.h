/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - a running stack that can be looked at: it answers the lastack command on a Unix socket.
 *
 * A program that drives a stack with a loop (lastack/link.h) opens a control after the loop and closes it before:
 *
 *         la_loop_new(stack, link, &loop);
 *         la_control_open(loop, "shop", "my proxy 1.2", &control);
 *         while (running)
 *                 la_loop_step(loop, LA_NEVER);
 *         la_control_close(control);
 *         la_loop_free(loop);
 *
 * and from then on
 *
 *         lastack stacks                         lists it
 *         lastack --stack shop                   shows it as lastack shows the host, and so do states, ls, explain
 *         lastack knob tcp_fin_timeout 30 --stack shop
 *         lastack events --stack shop            tells what happens in it, as it happens
 *
 * Nothing is asked of the program beside its steps: requests are served within them, a little in each.  A walk over a
 * million connections takes as many steps as it needs, with packets served in between.  Up to 32 clients are served at a
 * time, and each has its own bounded memory (32 KiB, 640 KiB for one that is told events, and as much in the kernel): one
 * that reads slowly or not at all keeps neither the stack nor the others waiting.  What it missed of the events it is told
 * by number.
 *
 * Events are what the stack's trace holds: they need la_config.trace, of some thousand entries where much happens between
 * two steps.  While somebody is told events, the loop gives the stack one packet at a time.
 *
 * Where the socket lies.  NAME.sock in the first of these directories that can be had:
 *
 *         $LASTACK_DIR                   if it is set, there or nowhere
 *         /run/lastack                   for root
 *         $XDG_RUNTIME_DIR/lastack
 *         $HOME/.lastack
 *
 * The directory (made if it is not there) must be the caller's own, and gets mode 0700; the socket has mode 0600.  Whoever
 * connects is asked for his credentials (SO_PEERCRED): only the same user, and root, are answered.  In a user namespace
 * that means those the namespace knows.
 *
 * A socket that a program left behind when it died is replaced.  The name of a program that runs is refused.
 *
 * The protocol is between one version of lastack and the same version; src/control/protocol.h has it.
 */
#ifndef LASTACK_CONTROL_H
#define LASTACK_CONTROL_H

#include "lastack/link.h"

struct la_control;

/* The longest name, its NUL not counted. */
#define LA_CONTROL_NAME_MAX 31

/* Begins to answer under `name`: 1 to 31 letters, digits, '.', '-', '_', no '.' first; NULL for the name of the link's
 * interface.  `application` says in a few words whose stack it is, for people; NULL for nothing.  Both are copied.
 *
 * Returns 0 and *ret_control; -EINVAL for a name that is none; -EADDRINUSE if a running program answers under this name;
 * -EACCES if no directory could be had; -EPERM if the directory belongs to somebody else; -ENAMETOOLONG if its path is
 * longer than a socket's may be; or another negative errno. */
int la_control_open(struct la_loop *loop, const char *name, const char *application, struct la_control **ret_control);

/* Says that this stack is one queue of several, which are looked at as one: all flows of an interface with several queues
 * are spread over as many stacks, each with a loop in a thread of its own.  Queue 0 has a control of the name that they have
 * together, the others' names are NAME.1, NAME.2, ... NAME.(queues - 1).  `--stack NAME` is then all of them, `--stack
 * NAME.2` one, and `--stack NAME.0` the first.  To be called before the first step of the control's loop, once the controls
 * of all queues are open. */
void la_control_queue(struct la_control *control, unsigned int queue, unsigned int queues);

/* Where it answers: the socket's path, for as long as the control is open. */
const char *la_control_path(const struct la_control *control);

/* Ends all conversations, and takes the socket away.  NULL is allowed. */
void la_control_close(struct la_control *control);

#endif
