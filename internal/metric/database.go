package metric

import (
	"database/sql"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// database counts what is written to it.
type database struct {
	transactions *prometheus.CounterVec

	took prometheus.Histogram
}

func newDatabase() database {
	return database{
		transactions: counters("database", "transactions_total",
			"Transactions that write, by result: ok, or busy where others held what was needed, away, failed.", "result"),
		took: span("database", "transaction_seconds",
			"How long transactions that write took, from the wait for the lock to the commit.",
			.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10),
	}
}

func (d database) all() []prometheus.Collector {
	return []prometheus.Collector{d.transactions, d.took}
}

// ExpectTransactions names how a transaction may end.
func (m *Metrics) ExpectTransactions(results ...string) { expect(m.database.transactions, results...) }

// Transaction counts a transaction that wrote by its result.
func (m *Metrics) Transaction(result string, took time.Duration) {
	m.database.transactions.WithLabelValues(result).Inc()
	m.database.took.Observe(took.Seconds())
}

// WatchPool shows the connections of a pool, by a name, under the usual names.
func (m *Metrics) WatchPool(name string, pool *sql.DB) error {
	if err := m.registry.Register(collectors.NewDBStatsCollector(pool, name)); err != nil {
		return fmt.Errorf("watch the pool %s: %w", name, err)
	}
	return nil
}
