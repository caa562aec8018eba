// Neo4j 4.4's own parser as a filter: statements on standard input, each ended by a NUL byte; one line of output for each, "ok" or
// "error<TAB>message". Beside Oracle.java because the parser of 4.4 has other classes and another Scala.
//   java -cp 'lib/*:.' Oracle44 < statements
import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.neo4j.cypher.internal.ast.factory.neo4j.JavaCCParser$;
import org.neo4j.cypher.internal.parser.CypherParser;
import org.neo4j.cypher.internal.util.AnonymousVariableNameGenerator;
import org.neo4j.cypher.internal.util.OpenCypherExceptionFactory;

public class Oracle44 {
  static String check(String statement) {
    try {
      OpenCypherExceptionFactory exceptions = new OpenCypherExceptionFactory(scala.Option.empty());
      if (JavaCCParser$.MODULE$.shouldFallback(statement)) {  // privileges and START: the parser of 4.2 still reads them
        new CypherParser().parse(statement, exceptions);
      } else {
        JavaCCParser$.MODULE$.parse(statement, exceptions, new AnonymousVariableNameGenerator());
      }
      return null;
    } catch (Exception e) {  // the checked ones too, which Scala throws undeclared
      return e.getMessage() == null ? e.toString() : e.getMessage();
    } catch (Error e) {  // the lexer throws one on a character it does not know
      return e instanceof StackOverflowError ? "stack overflow" : e.toString();
    }
  }

  public static void main(String[] arguments) throws Exception {
    byte[] input = System.in.readAllBytes();
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
    for (int begin = 0, i = 0; i < input.length; ++i) {
      if (input[i] != 0) continue;
      String error = check(new String(input, begin, i - begin, StandardCharsets.UTF_8));
      begin = i + 1;
      out.println(error == null ? "ok" : "error\t" + error.strip().split("\n")[0].replace('\t', ' '));
    }
    out.flush();
  }
}
