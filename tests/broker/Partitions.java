import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/** Tells for each key on standard input where Kafka's own class puts it, and where a producer with its defaults did. */
class Partitions {
    public static void main(String[] given) throws Exception {
        var settings = new Properties();
        settings.put("bootstrap.servers", given[0]);
        var partitions = Integer.parseInt(given[2]);
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (var key : new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                var hash = Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.US_ASCII))) % partitions;
                var sent = producer.send(new ProducerRecord<>(given[1], key, "java"));
                producer.flush();
                System.out.println(key + " " + hash + " " + sent.get().partition());
            }
        }
    }
}
