// Counting checks; the closing line is what scripts/test reads.

export class Tally {
  constructor(name) {
    this.name = name;
    this.passed = 0;
    this.failed = 0;
    this.started = Date.now();
  }

  /** One expectation. `detail` is shown only when it does not hold. */
  check(sentence, holds, detail = "") {
    if (holds) {
      this.passed += 1;
      this.say(`ok    ${sentence}`);
    } else {
      this.failed += 1;
      this.say(`FAIL  ${sentence}`);
      for (const line of String(detail).split("\n").filter(Boolean)) this.say(`      ${line}`);
    }
    return holds;
  }

  say(text) {
    const seconds = ((Date.now() - this.started) / 1000).toFixed(1).padStart(7);
    console.log(`${this.name} ${seconds}s  ${text}`);
  }

  /** Tells a story; an exception is one failed check. */
  async tell(story) {
    try {
      await story();
    } catch (error) {
      this.check(`the suite runs to its end: ${error.message}`, false, error.stack);
    }
  }

  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    // Nothing checked is not a success.
    process.exit(this.failed || !this.passed ? 1 : 0);
  }
}
