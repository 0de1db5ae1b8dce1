# Written by generate.py from model.py; README.md says how to read it.
segment ARF text 0

# shut down behind 100 bytes, none of it acknowledged
given FIN_WAIT_1 -
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *        none   NOT_ACCEPTABLE_RST  -           FIN_WAIT_1  una      rcv      -                   3.10.7.4 first
  rcv                                          *        none   RST                 -           CLOSED      -        -        FIN_WAIT_1_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 *        none   RST_CHALLENGED      A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   RFC 5961 3.2

# closed behind 100 bytes, none of it acknowledged
given FIN_WAIT_1 orphan
seq rcv-far,rcv-1000,rcv-100,rcv-1,rcv,rcv+1,rcv+1000,end-100,end-1,end,end+1000
ack una-far,una-max-1,una-max,una-1,una,una+50,snd-1,snd,snd+1,snd+1000
tsval none
# SEG.SEQ                                      SEG.ACK  TSval  verdict             answer      state       SND.UNA  RCV.NXT  transitions         RFC 9293
  rcv-far,rcv-1000,rcv-100,rcv-1,end,end+1000  *        none   NOT_ACCEPTABLE_RST  -           FIN_WAIT_1  una      rcv      -                   3.10.7.4 first
  rcv                                          *        none   RST                 -           CLOSED      -        -        FIN_WAIT_1_RCV_RST  3.10.7.4 second
  rcv+1,rcv+1000,end-100,end-1                 *        none   RST_CHALLENGED      A(snd,rcv)  FIN_WAIT_1  una      rcv      -                   RFC 5961 3.2
