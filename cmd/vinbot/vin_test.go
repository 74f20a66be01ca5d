package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVINsInJSON(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	require.Equal(t, exitFine, c.do(t, "vin", "1HGCM82633A004352", "--json", "1hgcm8-2633A004353"))
	lines := strings.Split(strings.TrimSpace(c.out.String()), "\n")
	require.Len(t, lines, 2)
	assert.JSONEq(t, `{"input":"1HGCM82633A004352","vin":"1HGCM82633A004352","verdict":"ok","reason":"",
		"changes":[],"suggestions":[],"maker":"Honda","country":"US","years":[2003]}`, lines[0])
	var second vinLineRead
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &second))
	assert.Equal(t, "1hgcm8-2633A004353", second.Input)
	assert.Equal(t, "1HGCM82633A004353", second.VIN)
	assert.Equal(t, "confirm", second.Verdict)
	assert.Equal(t, "check_digit", second.Reason)
	assert.NotEmpty(t, second.Changes, "every step, removed separators included")
	assert.Contains(t, second.Suggestions, "1HGCM82633A004352", "2 and 3 are neighbours")
	assert.Equal(t, "Honda", second.Maker)
	assert.Equal(t, []int{2003}, second.Years)
}

func TestWhatAFaultyVINMayBe(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	require.Equal(t, exitFine, c.do(t, "vin", "--json", "1HGCM82633AA004352", "GX110-0069622"))
	lines := strings.Split(strings.TrimSpace(c.out.String()), "\n")
	require.Len(t, lines, 2)
	assert.JSONEq(t, `{"input":"1HGCM82633AA004352","vin":"1HGCM82633AA004352","verdict":"reject","reason":"too_long",
		"changes":[],"suggestions":["1HGCM82633A004352"],"maker":"","country":"","years":[]}`, lines[0])
	var frame vinLineRead
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &frame))
	assert.Equal(t, "frame_number", frame.Reason)
	assert.Empty(t, frame.Suggestions)
}

type vinLineRead struct {
	Input, VIN, Verdict, Reason, Maker string
	Changes                            []map[string]any
	Suggestions                        []string
	Years                              []int
}

func TestOneObjectForEachLineOfStandardInput(t *testing.T) {
	t.Parallel()
	inputs := []string{"1HGCM82633A004352", "", "<ы>&\u2028", "short", "\xff"}
	c := newConsole(t)
	c.stdin = strings.NewReader("1HGCM82633A004352\r\n\n<ы>&\u2028\nshort\n\xff")
	require.Equal(t, exitFine, c.do(t, "vin", "--json"))
	lines := strings.Split(strings.TrimSuffix(c.out.String(), "\n"), "\n")
	require.Len(t, lines, len(inputs))
	for i, line := range lines {
		var read vinLineRead
		require.NoError(t, json.Unmarshal([]byte(line), &read))
		assert.Equal(t, strings.ToValidUTF8(inputs[i], "\ufffd"), read.Input)
		assert.NotContains(t, line, "null")
	}

	c = newConsole(t)
	require.Equal(t, exitFine, c.do(t, "vin"), "no line, no answer")
	assert.Empty(t, c.out.String())
}

func TestVINsInWords(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"1HGCM82633A004352":     "1HGCM82633A004352  ok  Honda, United States, 2003\n",
		"1HGCM82633A00435":      "1HGCM82633A00435   reject: too short  perhaps 1HGCM82633A004352 or 1HGCM82633A004335 or 1HGCM826X33A00435\n",
		"1HGCM8263\x1b3A004352": "1HGCM8263?3A004352  reject: bad character (? at 10)  perhaps 1HGCM82633A004352\n",
		"1HGCM82633AЯ":          "1HGCM82633AЯ       reject: too short\n",
		"1C4NJDEB5FD340542":     "1C4NJDEB5FD340542  ok  Jeep or Dodge or Chrysler, United States, probably 2015 or 1985\n",
		"XTAGFK330JY144213":     "XTAGFK330JY144213  ok  Lada, Russia, 2018 or 1988\n",
		"VF1LM1B0H36666155":     "VF1LM1B0H36666155  ok  Renault or Dacia, France\n",
		"KF1SF08WJ8B257338":     "KF1SF08WJ8B257338  ok  Israel\n",
	}
	for raw, want := range tests {
		c := newConsole(t)
		require.Equal(t, exitFine, c.do(t, "vin", "--", raw))
		assert.Equal(t, want, c.out.String())
	}
}

func TestThePolicyIsASetting(t *testing.T) {
	t.Parallel()
	c := newConsole(t, "VIN_CHECK_DIGIT=off")
	require.Equal(t, exitFine, c.do(t, "vin", "1HGCM82633A004353"))
	assert.Equal(t, "1HGCM82633A004353  ok  Honda, United States, 2003\n", c.out.String())
	c.environ = []string{"VIN_CHECK_DIGIT=maybe"}
	assert.Equal(t, exitUsage, c.do(t, "vin", "1HGCM82633A004353"))
}

// A program at the other end of the pipes asks one VIN at a time.
func TestAnAnswerDoesNotWaitForTheNextQuestion(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	in, ask := io.Pipe()
	answer, out := io.Pipe()
	c.stdin, c.stdout = in, out
	code := make(chan int, 1)
	go func() { code <- c.run(t.Context(), []string{"vin"}) }()
	answers := bufio.NewReader(answer)
	for range 3 {
		_, err := io.WriteString(ask, "1HGCM82633A004352\n")
		require.NoError(t, err)
		line, err := answers.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "1HGCM82633A004352  ok  Honda, United States, 2003\n", line)
	}
	require.NoError(t, ask.Close())
	assert.Equal(t, exitFine, <-code)
}

func TestBrokenPipes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.stdin = iotest.ErrReader(errors.New("broken"))
	assert.Equal(t, exitFailed, c.do(t, "vin"))
	assert.Contains(t, c.err.String(), "read standard input: broken")

	c = newConsole(t)
	_, closed := io.Pipe()
	require.NoError(t, closed.Close())
	c.stdout = closed
	assert.Equal(t, exitFailed, c.do(t, "vin", "x"))
	assert.Contains(t, c.err.String(), "write the answer")
}
