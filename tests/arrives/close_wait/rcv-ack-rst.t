# Written by generate.py from model.py; README.md says how to read it.
segment AR text 0

# the peer has closed, 100 bytes of ours are on their way
given CLOSE_WAIT -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *        none   NOT_ACCEPTABLE_RST  -           CLOSE_WAIT  una      rcv      -                   3.10.7.4 first
  rcv                                          *        none   RST                 -           CLOSED      -        -        CLOSE_WAIT_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 *        none   RST_CHALLENGED      A(snd,rcv)  CLOSE_WAIT  una      rcv      -                   RFC 5961 3.2
