const Sequencer = require("@jest/test-sequencer").default;

// By name: the end-to-end tests share one system, and the last of them take it apart. What makes endpoints fail comes
// late, because their alarms then guard them against every update for a while.
module.exports = class ByName extends Sequencer {
  sort(tests) {
    return [...tests].sort((a, b) => a.path.localeCompare(b.path));
  }
};
