package api_test

import (
	"os"
	"testing"

	"vinbot/internal/store/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Tests{Of: m}.Run()) }
