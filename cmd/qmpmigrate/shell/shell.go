package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"qmpmigrate/cmd/qmpmigrate/monitor"
)

// Config says what a shell is to be.
type Config struct {
	Peer   *monitor.Monitor // connected
	HMP    bool             // the text monitor's language
	Pretty bool             // replies over several lines
	Out    io.Writer        // replies
	Errs   io.Writer        // what could not even be sent
}

// Shell talks to one server.
type Shell struct {
	Config
	language
	width int
}

// errNotWaited is a reply that somebody did not want to wait for.
var errNotWaited = errors.New("not waiting; the reply is shown when it comes")

// New asks the server for what it knows.
func New(c Config) (*Shell, error) {
	s := &Shell{Config: c, width: 80}
	var err error
	if c.HMP {
		s.language, err = newHMP(c.Peer)
	} else {
		s.language, err = newQMP(c.Peer, c.Pretty)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Do carries out one line. ok: it was a success; leave: it was the wish to leave.
func (s *Shell) Do(ctx context.Context, line string) (ok, leave bool) {
	line = strings.TrimSpace(line)
	switch {
	case line == "" || strings.HasPrefix(line, "#"):
		return true, false
	case line == "exit":
		return true, true
	}
	ok, err := s.do(ctx, line)
	if err != nil {
		fmt.Fprintf(s.Errs, "%v\n", err)
	}
	return ok && err == nil, errors.Is(err, monitor.ErrEnded)
}

func (s *Shell) do(ctx context.Context, line string) (bool, error) {
	if done, err := s.local(s.Out, line, s.width); done {
		return err == nil, err
	}
	request, err := s.request(line)
	if err != nil {
		return false, err
	}
	reply, err := s.send(ctx, request)
	if err != nil {
		return false, err
	}
	ok := s.show(s.Out, reply)
	if q, is := s.language.(*qmpLanguage); is && reply.Error != nil && reply.Error.Class == "CommandNotFound" && q.schema != nil {
		if words := split(line); len(words) > 0 && !strings.HasPrefix(line, "{") {
			return ok, unknown(q.schema, words[0].name)
		}
	}
	return ok, nil
}

// send waits for the reply as long as ctx wants it. One that comes later is
// shown then; commands that follow wait for it.
func (s *Shell) send(ctx context.Context, request []byte) (monitor.Reply, error) {
	type answer struct {
		reply monitor.Reply
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		reply, err := s.Peer.Send(request)
		answered <- answer{reply, err}
	}()
	select {
	case a := <-answered:
		return a.reply, a.err
	case <-ctx.Done():
		go func() {
			if a := <-answered; a.err == nil {
				s.show(s.Out, a.reply)
			}
		}()
		return monitor.Reply{}, errNotWaited
	}
}

// Run carries out the lines of in, all of them, and says whether all were a
// success.
func (s *Shell) Run(ctx context.Context, in io.Reader) (bool, error) {
	all := true
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		ok, leave := s.Do(ctx, lines.Text())
		all = all && ok
		if leave {
			break
		}
	}
	return all, lines.Err()
}

// maxLine is what a line may have.
const maxLine = 1 << 20
