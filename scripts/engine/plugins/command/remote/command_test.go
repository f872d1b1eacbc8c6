package remote

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-go-provider/infer"
)

func (s *testServer) endpoint() Endpoint {
	host, limit := "127.0.0.1", 0
	return Endpoint{Host: &host, Port: &s.port, PrivateKey: &s.privateKey, HostKey: &s.hostKey, DialErrorLimit: &limit}
}

func (s *testServer) inputs(create string) CommandInputs {
	return CommandInputs{Connection: &Connection{Endpoint: s.endpoint()}, Create: &create}
}

func create(inputs CommandInputs) (CommandOutputs, error) {
	response, err := (&Command{}).Create(
		context.Background(), infer.CreateRequest[CommandInputs]{Name: "test", Inputs: inputs},
	)
	return response.Output, err
}

func update(state CommandOutputs, inputs CommandInputs) (CommandOutputs, error) {
	response, err := (&Command{}).Update(
		context.Background(), infer.UpdateRequest[CommandInputs, CommandOutputs]{State: state, Inputs: inputs},
	)
	return response.Output, err
}

func mustContain(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

func TestCreateKeepsWhatTheCommandPrints(t *testing.T) {
	output, err := create(startServer(t).inputs("hello"))
	if err != nil || output.Stdout != "ran hello" || output.Stderr != "" {
		t.Fatalf("%+v %v", output, err)
	}
}

func TestStdinReachesTheCommand(t *testing.T) {
	inputs := startServer(t).inputs("cat")
	stdin := strings.Repeat("a line\n", 50_000)
	inputs.Stdin = &stdin
	output, err := create(inputs)
	if err != nil || output.Stdout+"\n" != stdin {
		t.Fatalf("%d bytes of %d, %v", len(output.Stdout), len(stdin), err)
	}
}

func TestUpdateRunsUpdateElseCreateElseNothing(t *testing.T) {
	inputs := startServer(t).inputs("create")
	state := CommandOutputs{CommandInputs: inputs, Stdout: "before"}
	if output, err := update(state, inputs); err != nil || output.Stdout != "ran create" {
		t.Errorf("without update: %+v %v", output.Stdout, err)
	}
	other := "update"
	inputs.Update = &other
	if output, err := update(state, inputs); err != nil || output.Stdout != "ran update" {
		t.Errorf("with update: %+v %v", output.Stdout, err)
	}
	inputs.Create, inputs.Update = nil, nil
	if output, err := update(state, inputs); err != nil || output.Stdout != "before" {
		t.Errorf("with neither: %+v %v", output.Stdout, err)
	}
}

func TestDeleteRunsTheCommandOfTheState(t *testing.T) {
	inputs := startServer(t).inputs("create")
	remove := "fail"
	inputs.Delete = &remove
	request := infer.DeleteRequest[CommandOutputs]{State: CommandOutputs{CommandInputs: inputs}}
	_, err := (&Command{}).Delete(context.Background(), request)
	mustContain(t, err, `running "fail":`)
	request.State.Delete = nil
	if _, err := (&Command{}).Delete(context.Background(), request); err != nil {
		t.Fatal(err)
	}
}

func TestErrorHasCommandAndBothStreams(t *testing.T) {
	none := Logging("none")
	inputs := startServer(t).inputs("fail")
	inputs.Logging = &none
	_, err := create(inputs)
	mustContain(t, err, `Process exited with status 3: running "fail":`+"\n", "on stdout\n", "on stderr\n")
}

func TestPreviewRunsNothing(t *testing.T) {
	inputs := startServer(t).inputs("fail")
	request := infer.CreateRequest[CommandInputs]{Name: "test", Inputs: inputs, DryRun: true}
	if _, err := (&Command{}).Create(context.Background(), request); err != nil {
		t.Fatal(err)
	}
}

func TestWrongHostKeyIsRefusedBeforeLogIn(t *testing.T) {
	server, other := startServer(t), startServer(t)
	inputs := server.inputs("hello")
	inputs.Connection.HostKey = &other.hostKey
	_, err := create(inputs)
	mustContain(t, err, "host key mismatch")
}

func TestOnlyThePinnedAlgorithmIsOffered(t *testing.T) {
	inputs := startServer(t).inputs("hello") // the server has an ed25519 key only
	ecdsa := "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
	inputs.Connection.HostKey = &ecdsa
	_, err := create(inputs)
	mustContain(t, err, "no common algorithm for host key")
}

func TestDialErrorLimitCountsEveryTry(t *testing.T) {
	server := startServer(t)
	inputs := server.inputs("hello")
	wrong, _ := newKey(t)
	limit := 2
	inputs.Connection.PrivateKey, inputs.Connection.DialErrorLimit = &wrong, &limit
	_, err := create(inputs)
	mustContain(t, err, "unable to authenticate")
	if tries := server.connections.Load(); tries != 3 {
		t.Fatalf("%d tries", tries)
	}
}

func TestCancelEndsDialling(t *testing.T) {
	inputs := startServer(t).inputs("hello")
	wrong, _ := newKey(t)
	endless := -1
	inputs.Connection.PrivateKey, inputs.Connection.DialErrorLimit = &wrong, &endless
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := (&Command{}).Create(ctx, infer.CreateRequest[CommandInputs]{Name: "test", Inputs: inputs})
	mustContain(t, err, "canceled")
}

func TestEnvironmentThatTheServerRefusesIsAnError(t *testing.T) {
	inputs := startServer(t).inputs("env")
	inputs.Environment = map[string]string{"ACCEPTED": "yes"}
	if output, err := create(inputs); err != nil || output.Stdout != "yes" {
		t.Fatalf("%+v %v", output.Stdout, err)
	}
	inputs.Environment = map[string]string{"OTHER": "x"}
	_, err := create(inputs)
	mustContain(t, err, `could not set environment variable "OTHER"`)
}

func TestPreviousOutputThatTheServerRefusesIsNoError(t *testing.T) {
	inputs := startServer(t).inputs("again")
	output, err := update(CommandOutputs{CommandInputs: inputs, Stdout: "old", Stderr: "old"}, inputs)
	if err != nil || output.Stdout != "ran again" {
		t.Fatalf("%+v %v", output.Stdout, err)
	}
}

func TestProxyIsOneHopWithAPinOfItsOwn(t *testing.T) {
	target, proxy, other := startServer(t), startServer(t), startServer(t)
	inputs := target.inputs("through")
	inputs.Connection.Proxy = &ProxyConnection{Endpoint: proxy.endpoint()}
	if output, err := create(inputs); err != nil || output.Stdout != "ran through" {
		t.Fatalf("%+v %v", output.Stdout, err)
	}
	inputs.Connection.Proxy.HostKey = &other.hostKey
	_, err := create(inputs)
	mustContain(t, err, "host key mismatch")
}

func TestLongLineIsAnErrorOnlyWhileLogging(t *testing.T) {
	inputs := startServer(t).inputs("long")
	_, err := create(inputs)
	mustContain(t, err, "longer than 64 KiB")
	none := Logging("none")
	inputs.Logging = &none
	if output, err := create(inputs); err != nil || len(output.Stdout) != 70_000 {
		t.Fatalf("%d bytes, %v", len(output.Stdout), err)
	}
}
