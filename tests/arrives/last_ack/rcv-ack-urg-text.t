# Written by generate.py from model.py; README.md says how to read it.
segment AU text 100

# the peer has closed and then we have, 100 bytes and FIN are on their way
given LAST_ACK -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                 SEG.ACK                 TSval  verdict         answer      state     SND.UNA  RCV.NXT  transitions       RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   *                       none   NOT_ACCEPTABLE  A(snd,rcv)  LAST_ACK  una      rcv      -                 3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)  LAST_ACK  una      rcv      -                 3.10.7.4 fifth
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1               none   ACK_TOO_OLD     A(snd,rcv)  LAST_ACK  una      rcv      -                 RFC 5961 5.2
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max,una-1,una       none   GO_ON           -           LAST_ACK  una      rcv      -                 3.10.7.4 seventh
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una+50,snd-1            none   GO_ON           -           LAST_ACK  ack      rcv      -                 3.10.7.4 seventh
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  snd                     none   LAST_ACK_DONE   -           CLOSED    -        -        LAST_ACK_RCV_ACK  3.10.7.4 fifth

# the same, and the handle is closed
given LAST_ACK orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                 SEG.ACK                 TSval  verdict         answer      state     SND.UNA  RCV.NXT  transitions       RFC 9293
  rcv-far,rcv-1000,rcv-100,end,end+1000   *                       none   NOT_ACCEPTABLE  A(snd,rcv)  LAST_ACK  una      rcv      -                 3.10.7.4 first
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-far,snd+1,snd+1000  none   ACK_NOT_SENT    A(snd,rcv)  LAST_ACK  una      rcv      -                 3.10.7.4 fifth
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max-1               none   ACK_TOO_OLD     A(snd,rcv)  LAST_ACK  una      rcv      -                 RFC 5961 5.2
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una-max,una-1,una       none   GO_ON           -           LAST_ACK  una      rcv      -                 3.10.7.4 seventh
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  una+50,snd-1            none   GO_ON           -           LAST_ACK  ack      rcv      -                 3.10.7.4 seventh
  rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1  snd                     none   LAST_ACK_DONE   -           CLOSED    -        -        LAST_ACK_RCV_ACK  3.10.7.4 fifth
