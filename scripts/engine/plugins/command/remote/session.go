package remote

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
)

// Logging says which of the command's streams are shown while it runs.
type Logging string

// Values lists what Logging can be.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "Stdout", Value: "stdout"},
		{Name: "Stderr", Value: "stderr"},
		{Name: "StdoutAndStderr", Value: "stdoutAndStderr"},
		{Name: "None", Value: "none"},
	}
}

func (l *Logging) shows(stream Logging) bool {
	return l == nil || *l == stream || *l == "stdoutAndStderr"
}

// logger shows a line beside the resource.
type logger interface {
	InfoStatus(message string)
	Warning(message string)
}

// session is one run of a command.
type session struct {
	command     string
	stdin       string
	environment map[string]string
	previous    map[string]string
	logging     *Logging
	log         logger
}

// run returns what the command printed, without the last line break. Nothing ends a command that has been started.
func (s *session) run(client *ssh.Client) (stdout, stderr string, err error) {
	remote, err := client.NewSession()
	if err != nil {
		return "", "", err
	}
	defer remote.Close()
	if err := s.setEnvironment(remote); err != nil {
		return "", "", err
	}
	if s.stdin != "" {
		remote.Stdin = strings.NewReader(s.stdin)
	}

	var out, errOut bytes.Buffer
	both := &lockedBuffer{}
	lines := newLineLog(s.log)
	remote.Stdout = s.writer(&out, both, lines, "stdout")
	remote.Stderr = s.writer(&errOut, both, lines, "stderr")

	err = remote.Run(s.command)
	if logError := lines.close(); err == nil {
		err = logError
	}
	if err != nil {
		return "", "", fmt.Errorf("%w: running %q:\n%s", err, s.command, both.String())
	}
	return strings.TrimSuffix(out.String(), "\n"), strings.TrimSuffix(errOut.String(), "\n"), nil
}

func (s *session) writer(own, both, lines io.Writer, stream Logging) io.Writer {
	if s.logging.shows(stream) {
		return io.MultiWriter(own, both, lines)
	}
	return io.MultiWriter(own, both)
}

// setEnvironment: a variable of the program that the server refuses is an error, the previous output only a warning.
func (s *session) setEnvironment(remote *ssh.Session) error {
	for name, value := range s.environment {
		if err := remote.Setenv(name, value); err != nil {
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	for name, value := range s.previous {
		if value == "" {
			continue
		}
		if err := remote.Setenv(name, value); err != nil {
			s.log.Warning(fmt.Sprintf("Unable to set %q, it is not accepted by the SSH server (AcceptEnv): %v", name, err))
		}
	}
	return nil
}

// lockedBuffer collects both streams, which arrive at the same time.
type lockedBuffer struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.buffer.String()
}

// lineLog shows what is written to it line by line.
type lineLog struct {
	*io.PipeWriter
	done chan error
}

func newLineLog(log logger) *lineLog {
	reader, writer := io.Pipe()
	lines := &lineLog{PipeWriter: writer, done: make(chan error, 1)}
	go func() {
		scanner := bufio.NewScanner(reader)
		for scanner.Scan() {
			log.InfoStatus(scanner.Text())
		}
		// The official plugin reads no further after a line that is too long, so the command never returns. An error
		// shows the same mistake without the wait.
		if errors.Is(scanner.Err(), bufio.ErrTooLong) {
			lines.done <- errors.New("a line of output is longer than 64 KiB while logging is on; the official plugin hangs there")
		}
		close(lines.done)
		_, _ = io.Copy(io.Discard, reader)
	}()
	return lines
}

func (l *lineLog) close() error {
	l.PipeWriter.Close()
	return <-l.done
}
