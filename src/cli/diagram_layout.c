/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where everything stands in the diagram.  To change it, move coordinates and look: the tests find arrows that do not
 * begin and end at the boxes of their row, and whatever lies on something else.
 */
#include "cli/diagram.h"

const struct diagram_box diagram_boxes[] = {
        /* state, x, y, width, height */
        { LA_CLOSED, 31, 0, 18, 3 },      { LA_LISTEN, 31, 6, 18, 3 },       { LA_SYN_RECEIVED, 0, 12, 20, 3 },
        { LA_SYN_SENT, 59, 12, 20, 3 },   { LA_ESTABLISHED, 31, 18, 18, 3 }, { LA_FIN_WAIT_1, 0, 24, 24, 3 },
        { LA_CLOSE_WAIT, 61, 24, 18, 3 }, { LA_FIN_WAIT_2, 0, 31, 18, 3 },   { LA_CLOSING, 38, 31, 13, 3 },
        { LA_LAST_ACK, 61, 31, 18, 3 },   { LA_TIME_WAIT, 37, 37, 14, 5 },   { LA_CLOSED, 66, 37, 13, 5 },
};
const size_t diagram_box_count = sizeof(diagram_boxes) / sizeof(diagram_boxes[0]);

#define ROW(id)  .transition = LA_T_##id
#define STACKED  .style = DIAGRAM_LABEL_STACKED
#define ONE_LINE .style = DIAGRAM_LABEL_LINE

const struct diagram_arrow diagram_arrows[] = {
        { ROW(CLOSED_PASSIVE_OPEN), ONE_LINE, .label = { 20, 4 }, .count = 2, .points = { { 34, 2 }, { 34, 5 } } },
        { ROW(LISTEN_CLOSE), ONE_LINE, .label = { 41, 5 }, .count = 2, .points = { { 39, 6 }, { 39, 3 } } },
        { ROW(CLOSED_ACTIVE_OPEN), ONE_LINE, .label = { 51, 0 }, .count = 3,
          .points = { { 48, 1 }, { 75, 1 }, { 75, 11 } } },
        { ROW(SYN_SENT_CLOSE), ONE_LINE, .label = { 55, 3 }, .count = 4,
          .points = { { 69, 12 }, { 69, 4 }, { 46, 4 }, { 46, 3 } } },
        { ROW(LISTEN_SEND), ONE_LINE, .label = { 50, 6 }, .count = 3, .points = { { 48, 7 }, { 63, 7 }, { 63, 11 } } },
        { ROW(LISTEN_RCV_SYN), ONE_LINE, .label = { 16, 9 }, .count = 4,
          .points = { { 39, 8 }, { 39, 10 }, { 13, 10 }, { 13, 11 } } },
        { ROW(SYN_RECEIVED_RCV_RST_PASSIVE), ONE_LINE, .label = { 6, 6 }, .count = 3,
          .points = { { 4, 12 }, { 4, 7 }, { 30, 7 } } },
        { ROW(SYN_SENT_RCV_SYN), ONE_LINE, .label = { 29, 12 }, .count = 2, .points = { { 59, 13 }, { 20, 13 } } },
        { ROW(SYN_RECEIVED_RCV_ACK), ONE_LINE, .label = { 17, 15 }, .count = 4,
          .points = { { 15, 14 }, { 15, 16 }, { 35, 16 }, { 35, 17 } } },
        { ROW(SYN_SENT_RCV_SYN_ACK), ONE_LINE, .label = { 44, 15 }, .count = 4,
          .points = { { 69, 14 }, { 69, 16 }, { 44, 16 }, { 44, 17 } } },
        { ROW(SYN_RECEIVED_CLOSE), STACKED, .label = { 6, 18 }, .count = 2, .points = { { 4, 14 }, { 4, 23 } } },
        { ROW(ESTABLISHED_CLOSE), ONE_LINE, .label = { 18, 21 }, .count = 4,
          .points = { { 35, 20 }, { 35, 22 }, { 16, 22 }, { 16, 23 } } },
        { ROW(ESTABLISHED_RCV_FIN), ONE_LINE, .label = { 46, 21 }, .count = 4,
          .points = { { 44, 20 }, { 44, 22 }, { 70, 22 }, { 70, 23 } } },
        { ROW(FIN_WAIT_1_RCV_ACK), ONE_LINE, .label = { 6, 28 }, .count = 2, .points = { { 4, 26 }, { 4, 30 } } },
        { ROW(FIN_WAIT_1_RCV_FIN), ONE_LINE, .label = { 26, 24 }, .count = 3,
          .points = { { 23, 25 }, { 44, 25 }, { 44, 30 } } },
        { ROW(FIN_WAIT_1_RCV_FIN_ACK), STACKED, .label = { 23, 28 }, .count = 3,
          .points = { { 21, 26 }, { 21, 38 }, { 36, 38 } } },
        { ROW(FIN_WAIT_2_RCV_FIN), STACKED, .label = { 6, 35 }, .count = 3,
          .points = { { 4, 33 }, { 4, 40 }, { 36, 40 } } },
        { ROW(CLOSING_RCV_ACK), ONE_LINE, .label = { 28, 35 }, .count = 2, .points = { { 44, 33 }, { 44, 36 } } },
        { ROW(CLOSE_WAIT_CLOSE), STACKED, .label = { 72, 28 }, .count = 2, .points = { { 70, 26 }, { 70, 30 } } },
        { ROW(LAST_ACK_RCV_ACK), ONE_LINE, .label = { 54, 35 }, .count = 2, .points = { { 70, 33 }, { 70, 36 } } },
        { ROW(TIME_WAIT_TIMEOUT), ONE_LINE, .label = { 52, 38 }, .count = 2, .points = { { 50, 39 }, { 65, 39 } } },
};
const size_t diagram_arrow_count = sizeof(diagram_arrows) / sizeof(diagram_arrows[0]);
