package stats_test

import (
	"testing"

	"go.uber.org/goleak"

	"vinbot/internal/store/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Tests{Of: m}) }
